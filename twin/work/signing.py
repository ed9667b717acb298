"""Who countersigns: another badge than that of who is on duty, or quality assurance."""

from __future__ import annotations

from plant_models.work import Signature
from twin.floor import Floor


def second_badge(floor: Floor, station: str, signature: Signature) -> str:
    """The badge of the second person at ``station`` now: the next in turn after who works there.

    Of those of quality assurance where the signature asks for one and the plant has some.
    """
    operators = floor.spec.operators
    role = "quality" if signature.by == "quality" else "production"
    badges = [one.badge for one in operators if one.role == role] or [one.badge for one in operators]
    turn = floor.shifts.number(floor.now) + list(floor.spec.stations).index(station)
    return badges[(turn + (role == "production")) % len(badges)]
