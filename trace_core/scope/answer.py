"""The answer to a recall question, as a value: what is affected, possibly affected, where it is and who has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "tracetwin/recall/1"


@dataclass(frozen=True, slots=True)
class InScope:
    """A lot or serial in the scope. ``via`` is the lot the suspicion came from, empty for a suspect itself.

    ``units`` is how much of a finished lot there is, in the answer's unit; None for what is no finished lot.
    """

    id: str
    reason: str
    errors_needed: int = 0
    via: str = ""
    units: Decimal | None = None

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON, without ``errors_needed``, which certain rows never have."""
        return {"id": self.id, "reason": self.reason, "via": self.via, "units": self.units}


@dataclass(frozen=True, slots=True)
class Consignee:
    """Who got goods in the scope: ``units`` by record; ``doubtful_carriers`` had contents nobody recorded."""

    id: str
    units: Decimal
    carriers: tuple[str, ...]
    doubtful_carriers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MassBalance:
    """Received against accounted for, of the suspects; None where there is no quantity or no common unit."""

    received: Decimal | None
    accounted: Decimal | None
    unit: str
    by: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def percent(self) -> Decimal | None:
        """Accounted for as a share of received, in percent to one hundredth."""
        if not self.received or self.accounted is None:
            return None
        return (100 * self.accounted / self.received).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact about the records that whoever signs the recall should know."""

    kind: str
    ids: tuple[str, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class RecallAnswer:
    """The scope of a recall.

    ``certain`` and ``possible`` hold lots and serials, the suspects among the certain. Units are counted in ``unit``
    over finished lots (packed, shipped, or not used up by anything), less what was used again (rework). ``cleared``
    counts the other known lots by reason.
    """

    suspects: tuple[str, ...]
    certain: tuple[InScope, ...]
    possible: tuple[InScope, ...]
    cleared: Mapping[str, int]
    unit: str
    units_certain: Decimal
    units_possible: Decimal
    in_stock: Decimal
    shipped: Decimal
    customers: tuple[Consignee, ...]
    mass_balance: MassBalance
    assumptions: tuple[str, ...]
    findings: tuple[Finding, ...]
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elapsed_ms: float = 0.0

    @property
    def ids(self) -> frozenset[str]:
        """Everything in the scope, certain or possible."""
        return frozenset(one.id for one in (*self.certain, *self.possible))

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON, keys as CONTRACT.md gives them; numbers are exact decimals."""
        return {
            "schema": SCHEMA,
            "suspects": list(self.suspects),
            "certain": [one.to_dict() for one in self.certain],
            "possible": [{**one.to_dict(), "errors_needed": one.errors_needed} for one in self.possible],
            "cleared_count": sum(self.cleared.values()),
            "cleared": [{"reason": reason, "count": count} for reason, count in self.cleared.items()],
            "unit": self.unit,
            "units": {"certain": self.units_certain, "possible": self.units_possible},
            "in_stock": self.in_stock,
            "shipped": self.shipped,
            "customers": [
                {
                    "id": one.id,
                    "units": one.units,
                    "carriers": list(one.carriers),
                    "doubtful_carriers": list(one.doubtful_carriers),
                }
                for one in self.customers
            ],
            "mass_balance": {
                "received": self.mass_balance.received,
                "accounted": self.mass_balance.accounted,
                "percent": self.mass_balance.percent,
                "unit": self.mass_balance.unit,
                "by": dict(self.mass_balance.by),
            },
            "assumptions": list(self.assumptions),
            "findings": [{"kind": one.kind, "ids": list(one.ids), "detail": one.detail} for one in self.findings],
            "aliases": {key: list(forms) for key, forms in self.aliases.items()},
            "elapsed_ms": self.elapsed_ms,
        }

    def to_frame(self) -> pd.DataFrame:
        """The scope as a pandas frame: one row a lot, columns ``id, claim, units, errors_needed, reason, via``."""
        import pandas as pd

        rows = [
            {"id": one.id, "claim": claim, "units": one.units, "errors_needed": one.errors_needed}
            | {"reason": one.reason, "via": one.via}
            for claim, group in (("certain", self.certain), ("possible", self.possible))
            for one in group
        ]
        return pd.DataFrame(rows, columns=["id", "claim", "units", "errors_needed", "reason", "via"])
