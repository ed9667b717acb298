"""The units of measure: UN/ECE codes, names, and exact sizes.

Codes: UN/ECE Recommendation 20, revision 17, and of packages Recommendation 21. Sizes: SI Brochure 9; NIST Handbook 44,
appendix C; UK Weights and Measures Act 1985, schedule 1. All are exact by definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Dimension(StrEnum):
    """What a unit measures; only units of one dimension convert without a declaration."""

    MASS = "mass"
    VOLUME = "volume"
    LENGTH = "length"
    AREA = "area"
    COUNT = "count"
    PACKAGE = "package"  # each package is its own measure: how much a box holds is declared for each item


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of measure; ``factor`` is its size in kg, litres, metres, square metres or pieces."""

    code: str
    name: str
    symbol: str
    dimension: Dimension
    factor: Fraction

    @property
    def measure(self) -> str:
        """What it converts within: its dimension, or for a package the package itself."""
        return self.code if self.dimension is Dimension.PACKAGE else str(self.dimension)


# code, symbol, size, name
_MASS = """
KGM kg 1 kilogram
GRM g 0.001 gram
MGM mg 0.000001 milligram
MC µg 0.000000001 microgram
CGM cg 0.00001 centigram
DG dg 0.0001 decigram
HGM hg 0.1 hectogram
DTN dt 100 decitonne
TNE t 1000 tonne
KTN kt 1000000 kilotonne
LBR lb 0.45359237 pound
ONZ oz 0.028349523125 ounce
APZ tr_oz 0.0311034768 troy_ounce
GRN grain 0.00006479891 grain
CTM carat 0.0002 metric_carat
STI st 6.35029318 stone
CWA cwt_(US) 45.359237 hundredweight_(US)
CWI cwt_(UK) 50.80234544 hundredweight_(UK)
STN ton_(US) 907.18474 ton_(US)
LTN ton_(UK) 1016.0469088 ton_(UK)
"""
_VOLUME = """
LTR l 1 litre
MLT ml 0.001 millilitre
CLT cl 0.01 centilitre
DLT dl 0.1 decilitre
HLT hl 100 hectolitre
K6 kl 1000 kilolitre
4G µl 0.000001 microlitre
MTQ m³ 1000 cubic_metre
DMQ dm³ 1 cubic_decimetre
CMQ cm³ 0.001 cubic_centimetre
MMQ mm³ 0.000001 cubic_millimetre
GLL gal_(US) 3.785411784 gallon_(US)
GLI gal_(UK) 4.54609 gallon_(UK)
QTL liq_qt_(US) 0.946352946 liquid_quart_(US)
PTL liq_pt_(US) 0.473176473 liquid_pint_(US)
PTI pt_(UK) 0.56826125 pint_(UK)
OZA fl_oz_(US) 0.0295735295625 fluid_ounce_(US)
OZI fl_oz_(UK) 0.0284130625 fluid_ounce_(UK)
BLL bbl 158.987294928 barrel_(petroleum)
BUA bu_(US) 35.23907016688 bushel_(US)
INQ in³ 0.016387064 cubic_inch
FTQ ft³ 28.316846592 cubic_foot
YDQ yd³ 764.554857984 cubic_yard
"""
_LENGTH = """
MTR m 1 metre
KMT km 1000 kilometre
DMT dm 0.1 decimetre
CMT cm 0.01 centimetre
MMT mm 0.001 millimetre
4H µm 0.000001 micrometre
INH in 0.0254 inch
FOT ft 0.3048 foot
YRD yd 0.9144 yard
SMI mile 1609.344 mile
"""
_AREA = """
MTK m² 1 square_metre
DMK dm² 0.01 square_decimetre
CMK cm² 0.0001 square_centimetre
MMK mm² 0.000001 square_millimetre
HAR ha 10000 hectare
INK in² 0.00064516 square_inch
FTK ft² 0.09290304 square_foot
YDK yd² 0.83612736 square_yard
ACR acre 4046.8564224 acre
"""
_COUNT = """
H87 pc 1 piece
EA ea 1 each
C62 1 1 one
NAR article 1 number_of_articles
PR pair 2 pair
HD half_dozen 6 half_dozen
DZN dozen 12 dozen
SCO score 20 score
CEN hundred 100 hundred
GRO gross 144 gross
MIL thousand 1000 thousand
GGR great_gross 1728 great_gross
MIO million 1000000 million
"""
# Recommendation 21, and PF of recommendation 20 up to revision 3 (pallet, lift), which labels still carry.
_PACKAGES = """
BX box 1 box
CS case 1 case
CT carton 1 carton
PF pallet_(lift) 1 pallet_(lift)
PX pallet 1 pallet
PK package 1 package
PA packet 1 packet
BG bag 1 bag
SA sack 1 sack
CR crate 1 crate
BE bundle 1 bundle
RL reel 1 reel
RO roll 1 roll
TU tube 1 tube
DR drum 1 drum
BA barrel 1 barrel
BO bottle 1 bottle
JR jar 1 jar
TN tin 1 tin
VI vial 1 vial
AM ampoule 1 ampoule
BJ bucket 1 bucket
TB tub 1 tub
TY tray 1 tray
"""


def _rows(dimension: Dimension, table: str) -> dict[str, Unit]:
    found = {}
    for row in table.strip().splitlines():
        code, symbol, size, name = row.split(" ")
        found[code] = Unit(code, name.replace("_", " "), symbol.replace("_", " "), dimension, Fraction(size))
    return found


UNITS: Mapping[str, Unit] = {
    **_rows(Dimension.MASS, _MASS),
    **_rows(Dimension.VOLUME, _VOLUME),
    **_rows(Dimension.LENGTH, _LENGTH),
    **_rows(Dimension.AREA, _AREA),
    **_rows(Dimension.COUNT, _COUNT),
    **_rows(Dimension.PACKAGE, _PACKAGES),
}
"""Every unit known, by code."""
