"""What a wet station keeps of what went through it: a film on its walls, and the heel that never runs out."""

from __future__ import annotations

from twin.floor import Floor
from twin.ledger import Move
from twin.material import Item, Portion, Surface
from twin.work.loads import Load
from twin.work.splitting import cut_first


class Contacts:
    """The inside of one station.

    Of all that wet it since the last clean only the last portion is remembered: each touched the one before, and a
    portion is never the same before and after it touched something, so the chain reaches them all.
    """

    def __init__(self, floor: Floor, station: str) -> None:
        self.is_wet = False
        self.heel_size = 0
        self._floor = floor
        self._place = floor.ledger.place(station)
        self._station = station
        self._drain = floor.ledger.place("drain", inside=False)
        self._surface = Surface()
        self._heel: list[tuple[Portion, int]] = []

    def held(self) -> int:
        """What the heel weighs, in quanta of mass."""
        return sum(quantity * portion.lot.item.mass for portion, quantity in self._heel)

    # ---- the film

    def touching(self, portion: Portion | None) -> tuple[Portion, ...]:
        """What is on the walls, other than ``portion`` itself."""
        if not self.is_wet:
            return ()
        return tuple(one for one in self._surface.contacts if one is not portion)

    def pass_through(self, portion: Portion, quantity: int) -> Portion:
        """What ``portion`` is after it went through: another portion of its lot where it touched something."""
        if touching := self.touching(portion):
            ledger = self._floor.ledger
            new = ledger.portion(portion.lot, portion.expires_s, portion.generation)
            ledger.link(new, portion, quantity * portion.lot.item.mass)
            ledger.link_contacts(new, touching)
            portion = new
        self.touch(portion)
        return portion

    def touch(self, portion: Portion) -> None:
        """``portion`` wets the walls."""
        if self.is_wet:
            self._surface.clean(effective=True)
            self._surface.touch((portion,))

    def clean(self, efficacy: float) -> bool:
        """A clean ended: whether it really cleaned; else the film stays. The heel goes to the drain either way."""
        self._drop_heel()
        effective = self._floor.is_effective(self._station, efficacy)
        self._surface.clean(effective)
        return effective

    # ---- the heel

    @property
    def heel(self) -> tuple[Portion, int] | None:
        """What stands in the station now."""
        return self._heel[0] if self._heel else None

    def heel_for(self, item: Item) -> tuple[Portion, int] | None:
        """The heel that goes into the next load of ``item``; what another item left goes to the drain."""
        if self._heel and self._heel[0][0].lot.item is not item:
            self._drop_heel()
        return self.heel

    def leave_heel(self, load: Load) -> None:
        """What stays behind of ``load``, in exchange for the heel it took up."""
        if not self.heel_size:
            return
        ledger, order = self._floor.ledger, load.order
        for portion, quantity in self._heel:
            ledger.move(Move.FEED, self._place, order.place, portion.lot.item, quantity, portion, load.material[0][0])
        up = sum(quantity for _, quantity in self._heel)
        portion, quantity = load.material[0]
        load.material[0] = (portion, quantity + up)
        left = cut_first(load, min(self.heel_size, (quantity + up) // 2))
        for portion, quantity in left.material:
            ledger.move(Move.FILL, order.place, self._place, portion.lot.item, quantity, portion)
        self._heel = left.material

    def _drop_heel(self) -> None:
        for portion, quantity in self._heel:
            self._floor.ledger.move(Move.LOSE, self._place, self._drain, portion.lot.item, quantity, portion)
        self._heel = []
