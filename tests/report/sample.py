"""A made-up recall with everything a report must cope with: Chinese codes, hostile names, loops, many carriers."""

from __future__ import annotations

from typing import Any

from scenarios.answers import claims_of_json
from scenarios.report.drills import DrillDocuments
from scenarios.report.inside import Inside
from scenarios.score import Score, score
from scenarios.spec import Hazard
from tests.scenarios.tiny import Group, TinyTruth, carrier, lot
from trace_core.vocabulary.masterdata import Item, MasterdataView, Party

GTIN = "09521234543213"
SUSPECT = lot("F-0412", "FRUIT")
REWORK = lot("RW01", "REWORK")
BASES = [lot(f"FB{number:04d}", "BASE") for number in range(9)]
MILKS = [lot(f"T{number:03d}", "RAW-MILK") for number in range(80)]
PRINTED = [lot(f"L26{number:03d}", GTIN) for number in range(310, 324)]
CHINESE = [lot("果粒酸奶-26310甲", GTIN), lot("果粒酸奶-26311乙", GTIN)]
REACHED = [*PRINTED[3:9], *CHINESE]
CUSTOMERS = [f"urn:plant:party:-::R{number:02d}" for number in range(41)]
HOSTILE = '=cmd|"</style><script>alert(1)</script>'
NAMES = MasterdataView(
    [
        Item("RAW-MILK", "Raw milk 生乳"),
        Item("BASE", "Fermented base"),
        Item("FRUIT", "Strawberry preparation 草莓果料"),
        Item("REWORK", HOSTILE),
        Item(f"https://id.gs1.org/01/{GTIN}", "Strawberry yoghurt 4 × 125 g 草莓酸奶"),
        Party(CUSTOMERS[0], HOSTILE, role="customer"),
        *(
            Party(id, f"Retailer {number:02d}, 上海路", role="customer")
            for number, id in enumerate(CUSTOMERS)
            if number
        ),
    ]
)


def truth() -> TinyTruth:
    groups = []
    for number, printed in enumerate([*PRINTED, *CHINESE]):
        affected = printed in REACHED
        for row in range(5):
            shipped = (number + row) % 3 > 0
            customer = CUSTOMERS[(5 * number + row) % 41] if shipped else ""
            place, note = ("shipped", f"DN-{number}-{row}") if shipped else ("stock", "")
            pallet = carrier((5 * number + row) % 78)
            groups.append(Group(printed, 600, affected, pallet, place, customer, note, 0.08 * affected, 1884.0))
        groups.append(Group(printed, 12, affected, "", "scrap", share=0.08 * affected, mass_kg=37.68))
    return TinyTruth(tuple(groups), (SUSPECT, REWORK, *BASES, *MILKS))


def recall_document() -> dict[str, Any]:
    certain = [SUSPECT, REWORK, *BASES[3:6], *REACHED[:5], REACHED[6]]
    return {
        "schema": "tracetwin/recall/1",
        "suspects": [SUSPECT],
        "certain": [{"id": id, "reason": f"made from {SUSPECT} in urn:plant:order:-::WO-17"} for id in certain],
        "possible": [
            {"id": id, "reason": "drawn from tank FT-3 before its clean", "errors_needed": number}
            for number, id in enumerate([REACHED[7], PRINTED[10]])
        ],
        "cleared_count": 211,
        "units": {"certain": 18072, "possible": 6024},
        "in_stock": 8000,
        "shipped": 16000,
        "customers": [
            {"id": id, "units": 600 * (number % 7 + 1), "carriers": [carrier(2 * number), carrier(2 * number + 1)]}
            for number, id in enumerate(CUSTOMERS[:23])
        ],
        "mass_balance": {
            "received": 1200.0, "accounted": 1191.4, "percent": 99.28, "unit": "KGM",
            "by": {"used": 1100.0, "counted_in_stock": 80.0, "scrapped": 8.4, "sampled": 3.0, "not_accounted": 8.6},
        },
        "assumptions": ["Clocks are right to 300 s.", HOSTILE],
        "findings": [{"kind": "missing_field", "ids": [BASES[1]], "detail": "a consumption without its lot"}],
        "elapsed_ms": 12,
    }  # fmt: skip


def trace_document() -> dict[str, Any]:
    links = [(SUSPECT, one) for one in REACHED] + [(REACHED[0], REWORK), (REWORK, BASES[5]), (BASES[5], REACHED[4])]
    groups = [one for one in truth().groups if one.lot in REACHED and one.carrier]
    return {
        "schema": "tracetwin/trace/1",
        "direction": "forward",
        "aliases": {SUSPECT: ["FRUIT|F-0412"]},
        "roots": [SUSPECT],
        "lots": sorted({*REACHED, REWORK, BASES[5]}),
        "serials": [],
        "carriers": sorted({one.carrier for one in groups}),
        "origins": [SUSPECT],
        "edges": [_edge(*link) for link in links],
        "events": ["urn:plant:event:filler-1:1:1"],
        "shipments": [
            {"carrier": one.carrier, "destination": one.customer, "time": "2026-11-02T05:45:00.000Z"}
            for one in groups
            if one.customer
        ],
        "findings": [],
        "complete": True,
        "elapsed_ms": 3,
    }


def context_document() -> dict[str, Any]:
    links = [(milk, BASES[number % 9]) for number, milk in enumerate(MILKS)]
    links += [(BASES[number // 2], printed) for number, printed in enumerate([*PRINTED, *CHINESE])]
    return {**trace_document(), "direction": "backward", "edges": [_edge(*link) for link in links]}


def within() -> Inside:
    packed = {(one.lot, one.carrier) for one in truth().groups if one.lot in REACHED and one.carrier}
    milk_to_base = [(milk, BASES[number % 9]) for number, milk in enumerate(MILKS)]
    return Inside(
        frozenset(packed), {link: f"urn:plant:equipment:-::silo-{int(link[0][-1]) % 2 + 1}" for link in milk_to_base}
    )


def _edge(start: str, end: str) -> dict[str, Any]:
    return {"input": start, "output": end, "quantity": 10, "unit": "KGM", "event": "e", "allocation": "order"}


def scored() -> Score:
    return score(truth(), claims_of_json(recall_document()), [SUSPECT], Hazard(kind="contact"))


def drill_documents() -> DrillDocuments:
    got = scored()
    metrics = {
        **got.metrics_part(), "mass_balance_percent": 99.28, "trace_ms": 12.0, "time_to_contain_s": None,
        "escaped_units": 100,
    }  # fmt: skip
    card = {
        "schema": "tracetwin/scorecard/1", "scenario": "made-up", "plant": "yoghurt", "plant_hash": "ab" * 32,
        "seed": 1, "version": "0",
        "truth": got.truth_part(), "answer": got.answer_part(), "metrics": metrics, "hazard": {},
        "unit": "box", "until": "12d",
        "capture": {"reported": 11_400, "missed": 600, "duplicated": 0, "late": 3, "wrong": 120},
        "checks": [
            {"name": "missed_units", "limit": 0, "value": metrics["missed_units"], "passed": False},
            {"name": "mass_balance_percent", "limit": [98.0, 102.0], "value": 99.28, "passed": True},
            {"name": "recall", "limit": [0.9, None], "value": metrics["recall"], "passed": False},
        ],
        "verdict": "fail", "truth_hash": "cd" * 32, "log_hash": "ef" * 32,
    }  # fmt: skip
    return DrillDocuments(
        title_en="A fruit lot found contaminated",
        title_zh="一批果料受污染",
        period="2 to 14 November 2026",
        why="Drawn after the run among 7 lots.",
        card=card,
        score=got,
        recall=recall_document(),
        trace=trace_document(),
        context=context_document(),
        within=within(),
        names=NAMES,
        clocks=[("scope issued", 1800.0), ("last affected box in own control on hold", None)],
        notes=["Not all are on hold."],
    )
