"""A score is what one would count by hand, at the level of units, lots and kilograms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.answers import Answer, Claim, read_answer
from scenarios.score import Score, draw_suspect, score
from scenarios.spec import Hazard, SuspectRule
from tests.scenarios.tiny import Group, Raw, TinyTruth, carrier, lot
from trace_core.errors import BadInput

CONTACT = Hazard(kind="contact")
SUSPECT = lot("F-0412", "FRUIT")
A, B, C, D = (lot(code) for code in ("A1", "B1", "C1", "D1"))
P1, P2, P3 = (carrier(number) for number in (1, 2, 3))

# Three lots are affected: A (30 boxes), B (20, of which 15 affected), C (10). D (40) is not.
WORLD = TinyTruth(
    (
        Group(A, 20, True, P1, "shipped", "R01", "DN-1", share=0.05, mass_kg=40.0),
        Group(A, 10, True, P2, "stock", share=0.05, mass_kg=20.0),
        Group(B, 15, True, P2, "stock", share=0.0004, mass_kg=30.0),
        Group(B, 5, False, P3, "shipped", "R02", "DN-2", mass_kg=10.0),
        Group(C, 10, True, "", "scrap", share=0.0, mass_kg=20.0),
        Group(D, 40, False, P3, "shipped", "R02", "DN-2", mass_kg=80.0),
    )
)


def score_of(csv: str, hazard: Hazard = CONTACT, world: TinyTruth = WORLD) -> Score:
    return score(world, read_answer(csv.encode(), "answer.csv"), [SUSPECT], hazard)


def test_a_hand_made_answer_with_one_true_lot_missing_and_one_false_lot_added_gets_the_hand_made_score() -> None:
    """True: A, B, C. The answer names A (certain), B (possible) and the false D; the true C is missing."""
    got = score_of("id,class\nYOG|A1,certain\nYOG|B1,possible\nYOG|D1,certain\n")

    assert got.truth_part() == {"affected_units": 55, "affected_lots": 3, "affected_shipments": 1}  # 20+10+15+10; DN-1
    assert got.answer_part() == {"certain_units": 70, "possible_units": 20}  # A 30 + D 40; B 20
    assert got.metrics_part() == {
        "missed_units": 10,  # all of C
        "missed_by_certain": 25,  # C 10 and the affected 15 of B
        "over_units": 45,  # D 40 and the 5 of B that are not affected
        "over_recall_factor": round(90 / 55, 9),
        "precision": round(45 / 90, 9),
        "recall": round(45 / 55, 9),
    }
    assert (got.lots.affected, got.lots.missed, got.lots.over) == (3, 1, 1)  # C missed, D over
    assert (got.mass_kg.affected, got.mass_kg.missed, got.mass_kg.over) == (110.0, 20.0, 90.0)
    document = got.to_dict()
    assert (document["missed_lots"], document["over_lots"], document["unknown_ids"]) == ([C], [D], [])


def test_a_unit_is_in_the_answer_by_its_carrier_as_well() -> None:
    got = score_of(f"id\n{P2}\n")  # holds 10 of A and 15 of B
    assert got.answer_part() == {"certain_units": 25, "possible_units": 0}
    assert got.units.missed == 30  # 20 of A on P1, 10 of C on none
    assert got.lots.missed == 2  # A is not found in full, C not at all; B is: its other five are not affected


def test_a_lot_found_in_part_is_missed_as_a_lot() -> None:
    got = score_of(f"lot,carrier\nYOG|A1,{P1}\n")
    assert (got.units.missed, got.lots.missed) == (35, 3)


def test_affected_units_are_counted_at_every_share() -> None:
    got = score_of("id\nYOG|A1\n")
    assert got.affected_at == ((0.0, 55), (1e-6, 45), (1e-4, 45), (1e-3, 30), (1e-2, 30))


def test_contact_is_the_exact_set_and_never_read_off_the_share() -> None:
    assert score_of("id\nYOG|A1\nYOG|B1\n").units.missed == 10  # C is in contact at a share too small for a float


def test_a_dose_leaves_units_below_its_threshold_out() -> None:
    got = score_of("id\nYOG|A1\nYOG|B1\n", Hazard(kind="dose", threshold=0.001))
    assert (got.units.affected, got.units.over, got.near_threshold_units) == (30, 20, 0)


def test_units_within_one_percent_of_a_dose_are_reported_and_not_scored() -> None:
    near = replace(WORLD.groups[2], share=0.000995)
    got = score_of("id\nYOG|A1\n", Hazard(kind="dose", threshold=0.001), TinyTruth((*WORLD.groups[:2], near)))
    assert (got.near_threshold_units, got.units.affected, got.units.missed) == (15, 30, 0)


def test_at_the_level_of_lots_a_lot_is_affected_as_a_whole() -> None:
    assert score_of("id\nYOG|A1\n", Hazard(kind="contact", level="lot")).units.affected == 60


def test_at_the_level_of_carriers_what_stands_beside_is_affected_too() -> None:
    groups = (Group(A, 3, True, P1), Group(D, 4, False, P1), Group(D, 5, False, P2), Group(C, 6, False, ""))
    assert score_of("id\nYOG|A1\n", Hazard(kind="contact", level="carrier"), TinyTruth(groups)).units.affected == 7


def test_with_nothing_affected_the_factors_are_null_and_the_counts_stand() -> None:
    world = TinyTruth((Group(D, 40),))
    got = score_of("id\nYOG|D1\n", world=world)
    assert got.metrics_part() == {
        "missed_units": 0, "missed_by_certain": 0, "over_units": 40,
        "over_recall_factor": None, "precision": None, "recall": None,
    }  # fmt: skip
    assert got.fifo_law is None


def test_a_raw_or_intermediate_lot_in_the_answer_is_known_and_counts_for_nothing() -> None:
    world = replace(WORLD, others=(SUSPECT,))
    got = score_of(f"id\n{SUSPECT}\nYOG|A1\nnobody\n", world=world)
    assert got.unknown == ("answer.csv, line 4: nobody",)
    assert got.units.certain == 30


START = datetime(2026, 3, 2, tzinfo=UTC)
RAW = TinyTruth(
    (),
    end=START + timedelta(days=12),
    lots=(
        *(Raw(lot(f"F{number}", "FRUIT"), START + timedelta(days=number)) for number in range(9)),
        Raw(lot("F9", "FRUIT"), None),
        Raw(lot("M1", "MIX"), START, "MIX", "mixer", is_received=False),
        Raw(lot("M2", "MIX"), START, "MIX", "other-mixer", is_received=False),
    ),
)


def drawn_by(rule: SuspectRule, world: TinyTruth = RAW) -> set[str]:
    return {draw_suspect(world, rule, seed).lot for seed in range(200)}


def test_the_suspect_is_one_of_those_the_rule_allows_and_each_of_them_can_be() -> None:
    early = SuspectRule(item="FRUIT", first_used_before_end=timedelta(days=5))
    assert drawn_by(early) == {lot(f"F{number}", "FRUIT") for number in range(8)}  # used on day 7 at the latest
    assert draw_suspect(RAW, early, 1).candidates == 8
    between = SuspectRule(item="FRUIT", first_used_before_end=timedelta(days=5), first_used_within=timedelta(days=7))
    assert drawn_by(between) == {lot(f"F{number}", "FRUIT") for number in (5, 6, 7)}
    assert drawn_by(SuspectRule(station="mixer")) == {lot("M1", "MIX")}
    assert drawn_by(SuspectRule(receipts=True)) == {lot(f"F{number}", "FRUIT") for number in range(9)}


def test_the_suspect_depends_on_the_seed_and_the_rule_and_not_on_the_order_of_lots() -> None:
    rule = SuspectRule(item="FRUIT")
    shuffled = replace(RAW, lots=tuple(reversed(RAW.lots)))
    for seed in range(20):
        assert draw_suspect(RAW, rule, seed) == draw_suspect(shuffled, rule, seed)


def test_a_rule_that_allows_no_lot_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadInput, match="run longer, or relax the rule"):
        draw_suspect(RAW, SuspectRule(item="FRUIT", first_used_before_end=timedelta(days=13)), 1)


def test_the_fifo_law_is_that_of_the_enumerated_plan() -> None:
    """SCIENCE.md, 1: a bad raw lot of R output units, finished lots of L: R + L - g recalled, as a mean over phases."""
    raw, finished, g = 12, 30, 6  # the phase moves in steps of g
    factors = []
    for phase in range(0, finished, g):
        ends = sorted({unit // finished for unit in range(phase, phase + raw)})
        groups = []
        for number in ends:
            units = range(number * finished, (number + 1) * finished)
            affected = sum(phase <= unit < phase + raw for unit in units)
            groups += [Group(lot(f"N{number}"), affected, True), Group(lot(f"N{number}"), finished - affected)]
        got = score_of("id\n" + "".join(f"YOG|N{number}\n" for number in ends), world=TinyTruth(tuple(groups)))
        assert got.fifo_law == (raw + finished - g) / raw
        factors.append(got.units.over_recall_factor or 0.0)
    assert sum(factors) / len(factors) == pytest.approx((raw + finished - g) / raw, abs=1e-12)


GROUPS = st.lists(
    st.builds(
        Group,
        lot=st.sampled_from([A, B, C, D]),
        count=st.integers(0, 50),
        affected=st.booleans(),
        carrier=st.sampled_from(["", P1, P2, P3]),
        place=st.sampled_from(["stock", "shipped", "scrap"]),
    ),
    max_size=12,
)
IDS = st.frozensets(st.sampled_from([A, B, C, D, P1, P2, P3]))


@given(GROUPS, IDS, IDS)
def test_a_larger_answer_never_misses_more_and_never_recalls_less(
    groups: list[Group], ids: frozenset[str], more: frozenset[str]
) -> None:
    world = TinyTruth(tuple(groups))
    small = score(world, Answer(certain=ids), [SUSPECT], CONTACT)
    large = score(world, Answer(certain=ids | more), [SUSPECT], CONTACT)
    assert large.units.missed <= small.units.missed
    assert large.lots.missed <= small.lots.missed
    assert large.units.over >= small.units.over


@given(GROUPS, IDS)
def test_the_places_and_the_lots_add_up_to_the_units(groups: list[Group], ids: frozenset[str]) -> None:
    got = score(TinyTruth(tuple(groups)), Answer(possible=ids), [SUSPECT], CONTACT)
    assert sum(one.affected for one in got.places) == got.units.affected == sum(one.affected for one in got.by_lot)
    assert sum(one.missed for one in got.places) == got.units.missed == sum(one.missed for one in got.by_lot)
    assert sum(one.answered for one in got.places) == got.units.possible
    assert sum(one.over for one in got.by_lot) == got.units.over


@given(GROUPS)
def test_answering_the_affected_lots_misses_nothing(groups: list[Group]) -> None:
    claims = [Claim(id=one.lot) for one in groups if one.affected]
    assert score(TinyTruth(tuple(groups)), claims, [SUSPECT], CONTACT).units.missed == 0
