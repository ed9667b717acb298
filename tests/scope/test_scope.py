"""The scope of a recall, argued from records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trace_core.scope.affected import spread
from trace_core.scope.doubt import is_unseen
from trace_core.scope.evidence import Draw, Evidence, Gap, Ledger, Made, Packing, Recipe, Run, Shipment, Stay, Use
from trace_core.scope.recall import mass_balance, recall

DELTA = timedelta(seconds=300)
DAY = datetime(2026, 11, 2, tzinfo=UTC)


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def kg(amount: float | str) -> Decimal:
    return Decimal(str(amount))


def use(lot: str, item: str, amount: float = 10) -> Use:
    return Use(lot, item, kg(amount), "KGM", f"use-{lot}")


def made(lot: str, item: str, amount: float = 10, unit: str = "KGM") -> Made:
    return Made(lot, item, kg(amount), unit, f"made-{lot}")


def ledger(
    lot: str, item: str, received: float | None, used: float = 0, hour: float = 0, origin: bool = True
) -> Ledger:
    return Ledger(
        lot,
        item,
        "KGM",
        at(hour),
        has_origin=origin,
        received=None if received is None else kg(received),
        used=kg(used),
    )


def run(name: str, hour: float, uses: tuple[Use, ...] = (), makes: tuple[Made, ...] = (), **more: object) -> Run:
    return Run(name, at(hour), at(hour + 1), uses=uses, made=makes, **more)  # type: ignore[arg-type]


def claims(evidence: Evidence, *suspects: str) -> dict[str, tuple[bool, int]]:
    found = spread(evidence, dict.fromkeys(suspects, "suspect"), DELTA)
    return {lot: (claim.is_certain, claim.errors_needed) for lot, claim in found.items() if not is_unseen(lot)}


CERTAIN = (True, 0)
POSSIBLE = (False, 0)


def test_one_output_of_a_run_certainly_holds_each_input() -> None:
    evidence = Evidence(
        runs=[run("R1", 1, (use("F1", "fruit"), use("S1", "sugar")), (made("P1", "cup", 20),))],
        ledgers=[ledger("F1", "fruit", 10, 10), ledger("S1", "sugar", 10, 10), ledger("P1", "cup", 20, hour=2)],
    )
    assert claims(evidence, "F1") == {"F1": CERTAIN, "P1": CERTAIN}


def test_several_outputs_of_one_run_only_possibly_hold_one_of_two_lots_of_an_item() -> None:
    two = (made("P1", "cup", 15), made("P2", "cup", 15))
    evidence = Evidence(
        runs=[run("R1", 1, (use("F1", "fruit"), use("F2", "fruit"), use("S1", "sugar")), two)],
        recipes=[Recipe("cup", "KGM", {"fruit": kg(0.5), "sugar": kg(0.25)})],
        ledgers=[ledger(one, "fruit", 10, 10) for one in ("F1", "F2")] + [ledger("S1", "sugar", 10, 10)],
    )
    assert claims(evidence, "F1") == {"F1": CERTAIN, "P1": POSSIBLE, "P2": POSSIBLE}
    assert claims(evidence, "S1") == {"S1": CERTAIN, "P1": CERTAIN, "P2": CERTAIN}


def test_a_by_product_without_a_recipe_only_possibly_holds_what_the_run_took() -> None:
    both = (made("P1", "cup"), made("W1", "waste"))
    evidence = Evidence(
        runs=[run("R1", 1, (use("L1", "lid"),), both)],
        recipes=[Recipe("cup", "KGM", {"lid": kg(1)})],
        ledgers=[ledger("L1", "lid", 10, 10)],
    )
    assert claims(evidence, "L1") == {"L1": CERTAIN, "P1": CERTAIN, "W1": POSSIBLE}


def test_the_one_recorded_output_of_a_run_is_not_certain_where_its_recipe_has_no_such_item() -> None:
    lid_run = run("R1", 1, (use("L1", "lid"),), (made("W1", "mass"),))
    recipe = Recipe("mass", "KGM", {"milk": kg(1)})
    evidence = Evidence(runs=[lid_run], recipes=[recipe], ledgers=[ledger("L1", "lid", 10, 10)])
    assert claims(evidence, "L1") == {"L1": CERTAIN, "W1": POSSIBLE}
    ordered = run("R1", 1, (use("L1", "lid"),), (made("W1", "mass"),), planned_item="mass")
    evidence = Evidence(runs=[ordered], recipes=[recipe], ledgers=[ledger("L1", "lid", 10, 10)])
    assert claims(evidence, "L1") == {"L1": CERTAIN, "W1": CERTAIN}


def test_an_output_reported_in_parts_is_one_output() -> None:
    parts = (made("P1", "cup", 8), made("P1", "cup", 12))
    evidence = Evidence(
        runs=[run("R1", 1, (use("F1", "fruit"), use("F2", "fruit")), parts)], ledgers=[ledger("F1", "fruit", 10, 10)]
    )
    assert claims(evidence, "F1") == {"F1": CERTAIN, "P1": CERTAIN}


def test_rework_that_leads_back_ends() -> None:
    evidence = Evidence(
        runs=[
            run("R1", 1, (use("A", "a"), use("B", "b")), (made("B", "b", 20),)),
            run("R2", 2, (use("B", "b"),), (made("A", "a"),)),
        ],
    )
    assert claims(evidence, "A") == {"A": CERTAIN, "B": CERTAIN}


def silo(lot: str, start: float, end: float | None, amount: float = 10) -> Stay:
    return Stay("SILO", lot, "milk", at(start), None if end is None else at(end), kg(amount), "KGM", f"charge-{lot}")


def draw(name: str, hour: float, amount: float = 5) -> Run:
    one = Draw("SILO", at(hour), at(hour + 1), kg(amount), "KGM", f"draw-{name}")
    return run(name, hour, (), (made(f"B-{name}", "base", amount),), draws=(one,))


def milk(*lots: str) -> list[Ledger]:
    return [ledger(lot, "milk", 10, 10) for lot in lots]


def test_a_draw_possibly_holds_every_lot_in_the_vessel_and_no_lot_from_before_the_clean() -> None:
    evidence = Evidence(
        runs=[draw("early", 1), draw("late", 8)],
        stays=[silo("T1", 0, 5), silo("T2", 0.5, 5), silo("T3", 6, None)],
        ledgers=milk("T1", "T2", "T3"),
    )
    assert claims(evidence, "T1") == {"T1": CERTAIN, "B-early": POSSIBLE}
    assert claims(evidence, "T3") == {"T3": CERTAIN, "B-late": CERTAIN}


def test_a_draw_larger_than_all_other_lots_together_certainly_holds_the_lot() -> None:
    evidence = Evidence(
        runs=[draw("big", 2, amount=11)],
        stays=[silo("T1", 0, None, 10), silo("T2", 0, None, 10)],
        ledgers=milk("T1", "T2"),
    )
    assert claims(evidence, "T1")["B-big"] == CERTAIN


def test_clocks_wrong_by_the_margin_never_lose_a_draw() -> None:
    evidence = Evidence(runs=[draw("before", 1)], stays=[silo("T1", 2 + 299 / 3600, None)], ledgers=milk("T1"))
    assert claims(evidence, "T1")["B-before"] == POSSIBLE
    later = Evidence(runs=[draw("before", 1)], stays=[silo("T1", 2 + 301 / 3600, None)], ledgers=milk("T1"))
    assert "B-before" not in claims(later, "T1")


def test_a_lot_with_something_missing_may_be_in_a_run_that_recorded_no_lot() -> None:
    gap = Gap("fruit", kg(10), "KGM", "gap")
    runs = [
        run("R1", 1, (use("F1", "fruit"),), (made("P1", "cup"),)),
        run("R2", 2, (), (made("P2", "cup"),), gaps=(gap,)),
    ]
    short = Evidence(runs=runs, ledgers=[ledger("F1", "fruit", 20, 10)])
    assert claims(short, "F1") == {"F1": CERTAIN, "P1": CERTAIN, "P2": POSSIBLE}
    closed = Evidence(runs=runs, ledgers=[ledger("F1", "fruit", 10, 10)])
    assert claims(closed, "F1") == {"F1": CERTAIN, "P1": CERTAIN}


def test_a_run_before_the_lot_was_first_seen_is_cleared() -> None:
    gap = Gap("fruit", kg(10), "KGM", "gap")
    early = run("R0", 1, (), (made("P0", "cup"),), gaps=(gap,))
    evidence = Evidence(runs=[early], ledgers=[ledger("F1", "fruit", 20, 0, hour=3)])
    assert claims(evidence, "F1") == {"F1": CERTAIN}


def test_a_run_that_recorded_less_than_its_recipe_needs_is_possible() -> None:
    recipe = Recipe("cup", "KGM", {"fruit": kg(1)})
    runs = [
        run("full", 1, (use("F2", "fruit", 10),), (made("P1", "cup", 10),)),
        run("none", 1, (), (made("P2", "cup", 10),)),
        run("half", 1, (use("F2", "fruit", 5),), (made("P3", "cup", 10),)),
    ]
    evidence = Evidence(
        runs=runs, recipes=[recipe], ledgers=[ledger("F1", "fruit", 20, 0), ledger("F2", "fruit", 15, 15)]
    )
    assert claims(evidence, "F1") == {"F1": CERTAIN, "P2": POSSIBLE, "P3": POSSIBLE}


def test_a_lot_whose_making_nobody_recorded_is_possible_where_its_item_takes_the_suspects_item() -> None:
    runs = [run("R1", 1, (use("F2", "fruit"),), (made("P1", "cup"),))]
    evidence = Evidence(
        runs=runs,
        ledgers=[
            ledger("F1", "fruit", 20, 0),
            ledger("F2", "fruit", 10, 10),
            ledger("P9", "cup", None, hour=5, origin=False),
            ledger("S9", "sugar", None, hour=5, origin=False),
        ],
    )
    assert claims(evidence, "F1") == {"F1": CERTAIN, "P9": POSSIBLE}


def test_a_run_that_never_reported_its_output_leads_to_the_lots_without_a_maker() -> None:
    unfinished = run("R1", 4, (use("F1", "fruit", 10),), (), planned_item="cup")
    evidence = Evidence(
        runs=[unfinished],
        ledgers=[
            ledger("F1", "fruit", 10, 10),
            ledger("P9", "cup", None, hour=5, origin=False),
            ledger("P0", "cup", None, hour=1, origin=False),
        ],
    )
    assert claims(evidence, "F1") == {"F1": CERTAIN, "P9": POSSIBLE}


def test_a_run_that_made_more_than_it_took_may_hold_what_no_recipe_asks_for() -> None:
    batch = run("B1", 4, (use("M1", "mass", 91),), (made("P1", "cup", 100),))
    sometimes = run("B0", 1, (use("M0", "mass", 91), use("W0", "rework", 9)), (made("P0", "cup", 100),))
    lots = [ledger("W1", "rework", 9, 0, hour=3), ledger("M1", "mass", 91, 91), ledger("W0", "rework", 9, 9)]
    assert claims(Evidence(runs=[sometimes, batch], ledgers=lots), "W1") == {"W1": CERTAIN, "P1": POSSIBLE}


def test_what_a_count_found_may_have_been_used_since() -> None:
    gap = Gap("fruit", kg(10), "KGM", "gap")
    early = run("R1", 1, (), (made("P1", "cup"),), gaps=(gap,))
    late = run("R2", 9, (), (made("P2", "cup"),), gaps=(gap,))
    counted = Ledger(
        "F1", "fruit", "KGM", at(0), has_origin=True, received=kg(20), used=kg(10), counted=kg(10), counted_at=at(5)
    )
    assert claims(Evidence(runs=[early, late], ledgers=[counted]), "F1") == {"F1": CERTAIN, "P2": POSSIBLE}


def test_a_draw_nobody_recorded_may_have_come_from_any_vessel_of_the_item() -> None:
    short = run("B1", 2, (use("S1", "sugar", 1),), (made("P1", "base", 10),), planned_item="base")
    learnt = draw("B0", 30)
    evidence = Evidence(runs=[short, learnt], stays=[silo("T1", 1, 5), silo("T2", 29, None)], ledgers=milk("T1", "T2"))
    assert claims(evidence, "T1") == {"T1": CERTAIN, "P1": POSSIBLE}


def test_what_a_run_made_and_nobody_recorded_is_looked_for_in_later_runs_that_lack_it() -> None:
    leaking = run("R1", 1, (use("M1", "mass", 100),), (made("P1", "mass", 90),))
    short = run("R2", 5, (use("M2", "mass", 91),), (made("P2", "mass", 100),))
    earlier = run("R0", -2, (use("M3", "mass", 91),), (made("P0", "mass", 100),))
    full = run("R3", 5, (use("M4", "mass", 100),), (made("P3", "mass", 100),))
    lots = [ledger("M1", "mass", 100, 100), *(ledger(one, "mass", 91, 91) for one in ("M2", "M3"))]
    evidence = Evidence(runs=[leaking, short, earlier, full], ledgers=[*lots, ledger("M4", "mass", 100, 100)])
    assert claims(evidence, "M1") == {"M1": CERTAIN, "P1": CERTAIN, "P2": POSSIBLE}
    answer = recall(evidence, {"M1": "suspect"}, delta=DELTA)
    assert [one.kind for one in answer.findings] == ["unrecorded_output"]
    assert answer.ids == {"M1", "P1", "P2"}


def test_an_over_used_lot_of_the_item_may_carry_the_suspects_label_with_one_error() -> None:
    runs = [run("R1", 1, (use("F2", "fruit", 20),), (made("P1", "cup", 20),))]
    evidence = Evidence(runs=runs, ledgers=[ledger("F1", "fruit", 10, 0), ledger("F2", "fruit", 10, 20)])
    assert claims(evidence, "F1") == {"F1": CERTAIN, "P1": (False, 1)}
    answer = recall(evidence, {"F1": "suspect"}, delta=DELTA, errors=0)
    assert "P1" not in answer.ids
    assert [one.kind for one in answer.findings if "P1" in one.ids] == ["left_out_by_dial"]


def test_a_missing_tanker_may_have_been_charged_into_any_vessel_of_its_item() -> None:
    evidence = Evidence(
        runs=[draw("first", 3), draw("second", 30)],
        stays=[silo("T2", 1, 24), silo("T3", 26, None)],
        ledgers=[
            ledger("T1", "milk", 10, 0, hour=0.5),
            ledger("T2", "milk", 10, 10, hour=0),
            ledger("T3", "milk", 10, 10, hour=25),
        ],
    )
    assert claims(evidence, "T1") == {"T1": CERTAIN, "B-first": POSSIBLE}


def test_alone_in_a_vessel_by_record_is_certain_only_where_no_charge_can_be_unrecorded() -> None:
    def scope(other: Ledger) -> dict[str, tuple[bool, int]]:
        return claims(Evidence(runs=[draw("B", 3)], stays=[silo("T1", 1, None)], ledgers=[*milk("T1"), other]), "T1")

    assert scope(ledger("T2", "milk", 10, 10, hour=2)) == {"T1": CERTAIN, "B-B": CERTAIN}
    assert scope(ledger("T2", "milk", 10, 0, hour=2)) == {"T1": CERTAIN, "B-B": POSSIBLE}
    assert scope(ledger("T2", "milk", 10, 0, hour=20)) == {"T1": CERTAIN, "B-B": CERTAIN}


def test_a_run_is_judged_by_what_was_packed_where_that_is_more_than_was_reported_made() -> None:
    filling = run("R1", 1, (use("C2", "cup", 20),), (made("P1", "box", 20, "BX"),))
    base = {
        "runs": [filling],
        "recipes": [Recipe("box", "BX", {"cup": kg(1)})],
        "ledgers": [ledger("C1", "cup", 100, 0), ledger("C2", "cup", 20, 20)],
    }
    assert claims(Evidence(**base), "C1") == {"C1": CERTAIN}  # type: ignore[arg-type]
    more = Evidence(packings=[packed("P1", "S1", 100)], **base)  # type: ignore[arg-type]
    assert claims(more, "C1") == {"C1": CERTAIN, "P1": POSSIBLE}


def bread(needs: dict[str, Decimal], options: frozenset[str] = frozenset()) -> Recipe:
    return Recipe("bread", "KGM", needs, options)


def test_the_one_output_of_a_run_certainly_holds_what_its_recipe_may_take_as_well() -> None:
    evidence = Evidence(
        runs=[run("R1", 1, (use("F1", "flour", 9), use("S1", "sour", 1)), (made("B1", "bread"),))],
        ledgers=[ledger("F1", "flour", 9, 9), ledger("S1", "sour", 1, 1), ledger("B1", "bread", 10)],
        recipes=[bread({"flour": kg("0.9")}, frozenset({"sour"}))],
    )
    assert claims(evidence, "S1")["B1"] == CERTAIN


def test_a_lot_that_several_runs_made_is_held_against_all_that_was_packed_of_it_once() -> None:
    """Each run made its part: none of them lacks anything although more was packed than any one of them made."""
    evidence = Evidence(
        runs=[
            run("R1", 1, (use("F1", "flour"),), (made("B1", "bread"),)),
            run("R2", 2, (use("F1", "flour"),), (made("B1", "bread"),)),
        ],
        packings=[Packing("B1", "P1", kg(20), "KGM", at(4), None)],
        ledgers=[ledger("F1", "flour", 20, 20), ledger("F2", "flour", 20, 10), ledger("B1", "bread", 20)],
    )
    assert claims(evidence, "F2") == {"F2": CERTAIN}


def test_what_evaporates_by_recipe_is_no_output_that_nobody_recorded() -> None:
    short = run("R2", 5, (), (made("C1", "cake"),))
    evidence = Evidence(
        runs=[run("R1", 1, (use("F1", "flour", 12),), (made("B1", "bread"),)), short],
        ledgers=[ledger("F1", "flour", 12, 12), ledger("B1", "bread", 10), ledger("C1", "cake", 10)],
        recipes=[bread({"flour": kg("1.2")}), Recipe("cake", "KGM", {"bread": kg(1)})],
    )
    unseen = [lot for lot in spread(evidence, {"F1": "suspect"}, DELTA) if is_unseen(lot)]
    assert unseen == []


def test_a_run_that_took_less_than_its_recipe_loses_lacks_some_although_it_outweighs_what_it_made() -> None:
    evidence = Evidence(
        runs=[run("R1", 1, (use("F1", "flour", 11),), (made("B1", "bread"),))],
        ledgers=[ledger("F1", "flour", 11, 11), ledger("F2", "flour", 10, 9), ledger("B1", "bread", 10)],
        recipes=[bread({"flour": kg("1.2")})],
    )
    assert claims(evidence, "F2")["B1"] == POSSIBLE


def test_what_came_back_as_the_item_it_was_needs_no_more_of_its_recipe() -> None:
    """Bread that was baked on is no second bread: only what was added to it could be lacking."""
    evidence = Evidence(
        runs=[run("R1", 3, (use("B1", "bread"),), (made("B2", "bread"),))],
        ledgers=[ledger("F2", "flour", 10, 9), ledger("B1", "bread", 10, 10), ledger("B2", "bread", 10)],
        recipes=[bread({"flour": kg(1)})],
    )
    assert claims(evidence, "F2") == {"F2": CERTAIN}


def test_a_run_may_have_gone_on_after_its_last_report_as_long_as_its_like_did() -> None:
    gap = Gap("fruit", kg(10), "KGM", "gap")
    open_run = run("R1", 1, (), (made("P1", "cup"),), gaps=(gap,))
    long = replace(run("R0", 0, (use("F2", "fruit"),), (made("P0", "cup"),)), end=at(10))
    lots = [ledger("F1", "fruit", 20, 0, hour=5), ledger("F2", "fruit", 10, 10)]
    assert claims(Evidence(runs=[open_run, long], ledgers=lots), "F1") == {"F1": CERTAIN, "P1": POSSIBLE}
    assert claims(Evidence(runs=[open_run], ledgers=lots), "F1") == {"F1": CERTAIN}


def test_a_lot_whose_arrival_nobody_recorded_may_have_been_used_before_it_was_first_seen() -> None:
    gap = Gap("fruit", kg(10), "KGM", "gap")
    runs = [
        run("R2", 3, (use("F2", "fruit"),), (made("P2", "cup"),)),
        run("R1", 4, (), (made("P1", "cup"),), gaps=(gap,)),
        run("R0", -3, (), (made("P0", "cup"),), gaps=(gap,)),
    ]
    unknown = ledger("F1", "fruit", None, hour=10, origin=False)
    evidence = Evidence(runs=runs, ledgers=[unknown, ledger("F2", "fruit", 10, 10)])
    assert claims(evidence, "F1") == {"F1": CERTAIN, "P1": POSSIBLE}


def packed(lot: str, carrier: str, boxes: float, hour: float = 2) -> Packing:
    return Packing(lot, carrier, kg(boxes), "BX", at(hour), None)


def sent(lot: str, carrier: str, to: str, amount: float | None, hour: float = 5) -> Shipment:
    quantity = None if amount is None else kg(amount)
    return Shipment(lot, to, at(hour), f"ship-{carrier}-{hour}", quantity, carrier, f"pack-{lot}-{carrier}")


def boxes(lot: str, amount: float) -> Ledger:
    return Ledger(lot, "cup", "BX", at(2), has_origin=True, received=kg(amount))


def test_units_are_counted_where_they_are_and_by_who_got_them() -> None:
    evidence = Evidence(
        runs=[run("R1", 1, (use("F1", "fruit"),), (made("P1", "cup", 100, "BX"),))],
        packings=[packed("P1", "C1", 60), packed("P1", "C2", 40)],
        shipments=[sent("P1", "C1", "shop", 60), sent("P1", "C1", "shop", 60, 5.01)],
        ledgers=[ledger("F1", "fruit", 10, 10), boxes("P1", 100)],
    )
    answer = recall(evidence, {"F1": "suspect"}, delta=DELTA)
    assert (answer.unit, answer.units_certain, answer.units_possible) == ("BX", kg(100), kg(0))
    assert (answer.in_stock, answer.shipped) == (kg(40), kg(60))
    assert [(one.id, one.units, one.carriers) for one in answer.customers] == [("shop", kg(60), ("C1",))]
    assert answer.mass_balance.percent == 100


def test_goods_used_again_count_once_where_they_ended_up() -> None:
    again = run("R2", 3, (Use("P1", "cup", kg(30), "BX", "use-P1"),), (made("P2", "cup", 30, "BX"),))
    first = Ledger("P1", "cup", "BX", at(2), has_origin=True, received=kg(100), used=kg(30))
    evidence = Evidence(
        runs=[run("R1", 1, (use("F1", "fruit"),), (made("P1", "cup", 100, "BX"),)), again],
        packings=[packed("P1", "C1", 70), packed("P2", "C2", 30)],
        ledgers=[ledger("F1", "fruit", 10, 10), first, boxes("P2", 30)],
    )
    answer = recall(evidence, {"F1": "suspect"}, delta=DELTA)
    assert (answer.units_certain, answer.in_stock) == (kg(100), kg(100))
    assert {one.id: one.units for one in answer.certain} == {"F1": None, "P1": kg(70), "P2": kg(30)}


def test_a_customer_of_a_pallet_with_unknown_contents_is_named_where_a_packing_is_missing() -> None:
    base = {
        "runs": [run("R1", 1, (use("F1", "fruit"),), (made("P1", "cup", 100, "BX"),))],
        "shipments": [
            sent("P1", "C1", "shop", 60),
            sent("C9", "C9", "market", None),
            sent("C0", "C0", "early", None, 1),
        ],
        "ledgers": [ledger("F1", "fruit", 10, 10), boxes("P1", 100)],
    }
    short = recall(Evidence(packings=[packed("P1", "C1", 60)], **base), {"F1": "suspect"}, delta=DELTA)  # type: ignore[arg-type]
    assert [(one.id, one.units, one.doubtful_carriers) for one in short.customers] == [
        ("market", kg(0), ("C9",)),
        ("shop", kg(60), ()),
    ]
    full = recall(Evidence(packings=[packed("P1", "C1", 100)], **base), {"F1": "suspect"}, delta=DELTA)  # type: ignore[arg-type]
    assert [one.id for one in full.customers] == ["shop"]


def test_the_balance_names_what_is_not_accounted_for() -> None:
    evidence = Evidence(ledgers=[ledger("F1", "fruit", 20, 15)])
    balance = mass_balance(evidence, ["F1"])
    assert (balance.percent, balance.by["not_accounted"]) == (kg(75), kg(5))
    answer = recall(evidence, {"F1": "suspect"}, delta=DELTA)
    assert [one.kind for one in answer.findings] == ["not_accounted"]


def test_the_balance_of_a_lot_without_quantity_is_unknown_and_not_a_loss() -> None:
    assert mass_balance(Evidence(ledgers=[ledger("F1", "fruit", None)]), ["F1"]).percent is None


def test_the_answer_as_json_has_the_keys_of_the_contract() -> None:
    answer = recall(Evidence(ledgers=[ledger("F1", "fruit", 20, 20)]), {"F1": "suspect"}, delta=DELTA).to_dict()
    assert answer["schema"] == "tracetwin/recall/1"
    wanted = (
        "suspects certain possible cleared_count units in_stock shipped customers mass_balance assumptions findings"
    )
    assert {*wanted.split(), "elapsed_ms"} <= set(answer)
