"""Rounds that collect from many suppliers into one vehicle, test the load, and unload or refuse it."""

from __future__ import annotations

import simpy

from plant_models.projection import party_id
from plant_models.spec import Collecting, Round, SpreadSpec, Vehicle
from trace_core.capture.records import PurchaseOrder, RecordType, Result
from twin.floor import Floor
from twin.kernel import Steps
from twin.ledger import Move
from twin.material import InHand, Portion, Surface
from twin.vessels import Vessels

TRAVEL_SPREAD = 0.15
"""Standard deviation of a journey, as a share of its mean."""


class Vehicles:
    """All vehicles of one declared collecting; each drives its rounds one after the other."""

    def __init__(self, floor: Floor, name: str, spec: Collecting, vessels: Vessels) -> None:
        self._drivers = [
            _Driver(floor, name, spec, vehicle, declared, vessels) for vehicle, declared in spec.vehicles.items()
        ]

    def held(self) -> dict[str, int]:
        """What each vehicle holds, in quanta of mass."""
        return {one.vehicle: one.load.mass for one in self._drivers}


class _Driver:
    def __init__(
        self, floor: Floor, name: str, spec: Collecting, vehicle: str, declared: Vehicle, vessels: Vessels
    ) -> None:
        self.vehicle = vehicle
        self.load = InHand(floor.ledger.place(vehicle))
        self._floor = floor
        self._spec = spec
        self._declared = declared
        self._vessels = vessels
        self._collected = floor.items[spec.collects]
        self._made = floor.items[spec.makes]
        self._waste = floor.ledger.place("waste", inside=False)
        self._surface = Surface()
        self._luck = floor.stream(f"collecting/{name}/{vehicle}")
        self._test = floor.spec.tests[spec.test]
        self._test_luck = floor.stream(f"test/{spec.test}")
        rounds = [one for one in spec.rounds if one.vehicle == vehicle]
        if rounds:
            floor.kernel.start(self._drive(rounds))

    def _drive(self, rounds: list[Round]) -> Steps:
        planned = -1.0
        while True:
            starts = [self._floor.calendar.next(one.days, one.at, planned) for one in rounds]
            planned = min(starts)
            yield self._floor.kernel.wait_until(planned)
            yield from self._round(rounds[starts.index(planned)])

    def _round(self, one: Round) -> Steps:
        floor = self._floor
        order = floor.number("C")
        loads: list[tuple[Portion, int]] = []
        bad = False
        for supplier in one.suppliers:
            yield self._journey()
            room = floor.quanta(self._declared.capacity) - sum(quantity for _, quantity in loads)
            quantity = min(self._amount(supplier), room)
            if quantity <= 0:
                continue
            yield floor.kernel.wait(floor.seconds_for(quantity, self._spec.pumping))
            loads.append((self._collect(supplier, quantity, order), quantity))
            bad |= self._test_luck.chance(self._test.chance)
        yield self._journey()
        if loads:
            yield from self._arrive(loads, order, bad)

    def _journey(self) -> simpy.Event:
        return self._floor.kernel.wait(max(60.0, self._luck.normal(1.0, TRAVEL_SPREAD) * self._spec.travel))

    def _amount(self, supplier: str) -> int:
        spread: SpreadSpec = self._floor.spec.suppliers[supplier].amount or self._spec.amount
        quanta = self._floor.quanta
        drawn = round(self._luck.normal(quanta(spread.mean), quanta(spread.sd)))
        return min(max(drawn, quanta(spread.least)), quanta(spread.most))

    def _collect(self, supplier: str, quantity: int, order: str) -> Portion:
        floor, declared = self._floor, self._floor.spec.suppliers[supplier]
        number = floor.number("P")
        moment = floor.calendar.moment(floor.now)
        party = party_id(supplier, declared)
        floor.observer.post(PurchaseOrder("ERP", number, moment, party, self._collected.gtin))
        lot = floor.new_lot(
            self._collected, self._spec.collected_code, self.vehicle, received=True, supplier=declared.code
        )
        portion = floor.ledger.portion(lot, floor.expiry(self._collected))
        source = floor.ledger.place(f"supplier {supplier}", inside=False)
        floor.ledger.move(Move.RECEIVE, source, self.load.place, self._collected, quantity, portion)
        self._surface.touch((portion,))
        self.load.add(portion, quantity)
        floor.observer.record(self.vehicle, RecordType.RECEIPT, lot=lot, quantity=quantity, order=number)
        floor.observer.record(self.vehicle, RecordType.CONSUME, lot=lot, quantity=quantity, order=order)
        return portion

    def _arrive(self, loads: list[tuple[Portion, int]], order: str, bad: bool) -> Steps:
        floor = self._floor
        lot = floor.new_lot(self._made, self._spec.made_code, self.vehicle)
        portion = floor.ledger.portion(lot, floor.expiry(self._made))
        for used, quantity in loads:
            floor.ledger.link(portion, used, quantity * used.lot.item.mass)
        merged = {used for used, _ in loads}
        floor.ledger.link_contacts(portion, (one for one in self._surface.contacts if one not in merged))
        self._surface.touch((portion,))
        quantity = self.load.mass // self._made.mass
        floor.observer.record(self.vehicle, RecordType.COMPLETE, lot=lot, quantity=quantity, order=order)
        yield floor.kernel.wait(self._test.takes)
        zone = self._luck.normal(24.0 if bad else 12.0, 1.0)
        floor.observer.record(
            self._spec.station,
            RecordType.MEASURE,
            lot=lot,
            result=Result.NOK if bad else Result.OK,
            nok_code=floor.spec.reasons[self._test.reason] if bad else 0,
            measured=(round(self._luck.normal(4.0, 0.6), 1), round(zone, 1)),
        )
        if bad:
            self._refuse(portion, quantity)
        else:
            yield from self._vessels.fill(portion, quantity, self.load, self._spec.unloading, self._spec.station)
        yield from self._clean()

    def _refuse(self, portion: Portion, quantity: int) -> None:
        reason = self._floor.spec.reasons[self._test.reason]
        self._floor.ledger.move(Move.SCRAP, self.load.place, self._waste, self._made, quantity, portion)
        self._floor.observer.record(
            self._spec.station, RecordType.SCRAP, lot=portion.lot, quantity=quantity, nok_code=reason
        )
        self.load.add(portion, -quantity)

    def _clean(self) -> Steps:
        clean = self._declared.clean
        yield self._floor.kernel.wait(clean.takes)
        self._surface.clean(self._floor.is_cleaned(self.vehicle, clean))
        self._floor.observer.record(
            self._spec.station, RecordType.CLEAN, slot=self.vehicle, result=Result.OK, measured=(clean.takes,)
        )
