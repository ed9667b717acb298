"""Capture faults as declared in a scenario or a ``--faults`` file: what goes wrong when the plant reports.

A file is a list, or a mapping with the one key ``faults``::

    faults:
      - {kind: missed, rate: 0.05}                                   # 5 % of all device records never arrive
      - {kind: late, rate: 0.02, delay: 6h, stations: [line-1]}      # these arrive later, six hours on average
      - {kind: mislabelled, rate: 0.01, records: [CONSUME]}          # these name another lot of the same item

Truth never depends on them (ARCHITECTURE.md, wall 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.declared import Duration, Strict, read_yaml, validate
from trace_core.errors import SpecError

if TYPE_CHECKING:
    from plant_models.spec import PlantSpec
    from twin.observe.faults import CaptureFault

RecordName = Literal[
    "COMPLETE", "CONSUME", "MEASURE", "SCRAP", "RECEIPT", "SHIP", "MOUNT", "UNMOUNT", "PACK", "CLEAN",
    "DeliveryNote", "PurchaseOrder", "StockCount", "TestResult", "WorkOrder",
]  # fmt: skip
"""What a device or a business system reports. ``*`` means every record of a device."""

ALL = "*"


def _listed(declared: object) -> object:
    if declared == ALL:
        return ()
    return tuple(declared) if isinstance(declared, list) else declared


class DeclaredFault(Strict):
    """One fault of capture. ``rate``: the share of the reports of ``stations`` and ``records`` (``*``: all) it hits.

    ``delay`` is the mean of an exponential delay. ``name`` tells two faults of one kind on the same reports apart.
    """

    kind: Literal["missed", "duplicated", "late", "mislabelled"]
    rate: Annotated[float, Field(ge=0.0, le=1.0)]
    stations: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    records: Annotated[tuple[RecordName, ...], BeforeValidator(_listed)] = ()
    delay: Duration | None = None
    name: str = ""

    @model_validator(mode="after")
    def _delay_belongs_to_late(self) -> DeclaredFault:
        if (self.kind == "late") != (self.delay is not None):
            raise PydanticCustomError("delay", "a delay where, and only where, the kind is late")
        return self

    def to_capture_fault(self) -> CaptureFault:
        """The same fault as the twin's observers take it."""
        from twin.observe.faults import CaptureFault, FaultKind

        return CaptureFault(
            kind=FaultKind(self.kind),
            rate=self.rate,
            stations=self.stations or (ALL,),
            records=self.records or (ALL,),
            delay_s=self.delay.total_seconds() if self.delay else 0.0,
            name=self.name,
        )


def load_faults(text: str, source: str, plant: PlantSpec | None = None) -> tuple[CaptureFault, ...]:
    """The capture faults a ``--faults`` file declares; every fault of the file at once as :class:`SpecError`.

    With ``plant``, stations that it does not have are refused as well: such a fault would silently do nothing.
    """
    tree = read_yaml(text, source)
    if isinstance(tree, dict) and set(tree) == {"faults"}:
        tree = tree["faults"]
    declared: Sequence[DeclaredFault] = validate(tuple[DeclaredFault, ...], tree, source)
    faults = tuple(one.to_capture_fault() for one in declared)
    if plant is not None:
        check_faults(faults, plant, source)
    return faults


def check_faults(faults: Sequence[CaptureFault], plant: PlantSpec, source: str) -> None:
    """Refuse what does not fit the plant, all of it at once as :class:`SpecError`."""
    from twin.observe.faults import faults_in

    found = tuple(faults_in(faults, plant))
    if found:
        raise SpecError(source, found)
