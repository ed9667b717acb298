"""The words that CBV 2.0 fixes, and the notations in which a document may write them.

Sources: GS1 Core Business Vocabulary 2.0 (2022), clause 7 (business steps, dispositions, transaction, source and
destination types, error reasons) and 7.7 (sensor measurement types, alerts, components); GS1 EPCIS 2.0, 10.1 and 11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Notation(StrEnum):
    """How a document is written; the standard asks different things of each."""

    JSON_2_0 = "json-2.0"
    XML_2_0 = "xml-2.0"
    XML_1_2 = "xml-1.2"

    @property
    def is_json(self) -> bool:
        """Whether it is JSON-LD, where CBV's words stand bare."""
        return self is Notation.JSON_2_0


BIZ_STEPS = frozenset(
    "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting"
    " decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting"
    " installing killing loading other packing picking receiving removing repackaging repairing replacing reserving"
    " retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting"
    " unloading unpacking void_shipping"
    " notifying".split()  # since CBV 2.0.1
)

DISPOSITIONS = frozenset(
    "active available completeness_inferred completeness_verified conformant container_closed container_open damaged"
    " destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance"
    " mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed"
    " recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable"
    " unknown"
    " subject_to_regulation".split()  # since CBV 2.0.1
)

TRANSACTION_TYPES = frozenset("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt".split())

PARTY_TYPES = frozenset({"owning_party", "possessing_party", "location"})

ERROR_REASONS = frozenset({"did_not_occur", "incorrect_data"})

MEASUREMENT_TYPES = frozenset(
    "AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Activity Altitude AmountOfSubstance"
    " AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance"
    " Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity"
    " EffectiveDose EffectiveDoseRate ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength"
    " Energy Exposure Force Frequency Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum"
    " Luminance LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass"
    " MassConcentration MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume"
    " Power Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle"
    " SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate"
    " VolumeFraction VolumetricFlux Wavenumber"
    # In no edition of CBV, but bare in published documents that count as valid (GS1's own EPCIS 2.0 sensor example):
    " Molar_concentration Humidity".split()
)

ALERT_TYPES = frozenset({"ALARM_CONDITION", "ERROR_CONDITION"})

COMPONENTS = frozenset(
    "x y z altitude axial_distance azimuth easting elevation_angle geocoordinate height latitude longitude northing"
    " polar_angle spherical_radius".split()
)


@dataclass(frozen=True, slots=True)
class WordList:
    """One of CBV's lists: what its words are for, the words, and how they are written as a URN and as a Web URI."""

    name: str
    words: frozenset[str]
    urn: str
    web: str

    def bare(self, text: str) -> str:
        """The bare word that ``text`` writes as URN, Web URI or ``cbv:``/``gs1:`` CURIE; any other text as it is."""
        match = self._forms.match(text)
        return match.group(1) if match else text

    def is_ours(self, text: str) -> bool:
        """Whether ``text`` claims, by its URN or Web URI, to be a word of this list."""
        return self._forms.match(text) is not None

    @property
    def _forms(self) -> re.Pattern[str]:
        return _FORMS[self.name]


def _forms_of(urn: str, web: str) -> re.Pattern[str]:
    space = "voc" if not web else "cbv"
    host = rf"https?://(?:ref\.|www\.|ns\.)?gs1\.org/{space}/"
    prefix = "gs1:" if not web else "cbv:"
    heads = [f"(?:{host}|{prefix}){re.escape(web)}"]
    if urn:
        heads.append(re.escape(urn))
    return re.compile(rf"(?:{'|'.join(heads)})([\w.\-]+)\Z")


BIZ_STEP = WordList("business step", BIZ_STEPS, "urn:epcglobal:cbv:bizstep:", "BizStep-")
DISPOSITION = WordList("disposition", DISPOSITIONS, "urn:epcglobal:cbv:disp:", "Disp-")
TRANSACTION = WordList("business transaction type", TRANSACTION_TYPES, "urn:epcglobal:cbv:btt:", "BTT-")
PARTY = WordList("source or destination type", PARTY_TYPES, "urn:epcglobal:cbv:sdt:", "SDT-")
ERROR_REASON = WordList("error reason", ERROR_REASONS, "urn:epcglobal:cbv:er:", "ER-")
COMPONENT = WordList("component", COMPONENTS, "", "Comp-")
MEASUREMENT = WordList("measurement type", MEASUREMENT_TYPES, "", "")
ALERT = WordList("alert type", ALERT_TYPES, "", "")

_FORMS = {
    one.name: _forms_of(one.urn, one.web)
    for one in (BIZ_STEP, DISPOSITION, TRANSACTION, PARTY, ERROR_REASON, COMPONENT, MEASUREMENT, ALERT)
}
