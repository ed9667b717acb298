"""Events that share an eventID: which of them count, and how an answer tells them apart.

The rule (EVENTS.md): an event that carries an error declaration is void. It also voids every undeclared event with its
eventID and equal content; if none is equal and exactly one undeclared event has the id, that one; if several, none, and
that is the finding ``ambiguous_declaration``. The rule looks at the set of events with the id, never at the order in
which they arrived, and it is asked of what was known at a moment: the first ``known`` events of the log.
"""

from __future__ import annotations

DIGEST_BYTES = 16
"""Bytes kept of each content hash: 128 bits never collide by accident within one eventID."""


class SharedIds:
    """Every event by its eventID, with what an error declaration does to it. Events are dense ints in log order."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.declared = bytearray()
        self.void = bytearray()
        """1 where the event does not count, by all that is known now."""
        self._digests = bytearray()
        self._first: dict[str, int] = {}
        self._shared: dict[str, list[int]] = {}
        self._undeclared: dict[str, int] = {}
        self._withdrawn: set[str] = set()
        self._number: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def append(self, event_id: str, is_declared: bool, digest: bytes) -> None:
        """Add the next event of the log; ``digest`` is equal exactly for events of equal content."""
        assert len(digest) >= DIGEST_BYTES, f"expected a digest of {DIGEST_BYTES} bytes, got {digest!r}"
        event = len(self.ids)
        self.ids.append(event_id)
        self.declared.append(is_declared)
        self.void.append(is_declared)
        self._digests += digest[:DIGEST_BYTES]
        first = self._first.setdefault(event_id, event)
        if first != event:
            self._join(event_id, first, event)

    def _join(self, event_id: str, first: int, event: int) -> None:
        group = self._shared.setdefault(event_id, [first])
        group.append(event)
        if not self.declared[event]:
            before = self._undeclared.get(event_id, 0 if self.declared[first] else 1)
            self._undeclared[event_id] = before + 1
            if before:
                self._number[event] = before + 1
        if self.declared[event] or self.declared[first] or event_id in self._withdrawn:
            self._withdrawn.add(event_id)
            voided = set(self._voided(group))
            for one in group:
                self.void[one] = self.declared[one] or one in voided

    def label(self, event: int) -> str:
        """The eventID as answers show it: ``id``, then ``id#2``, ``id#3`` in log order where it is reused."""
        number = self._number.get(event)
        return self.ids[event] if number is None else f"{self.ids[event]}#{number}"

    def is_shared(self, event: int) -> bool:
        """Whether other events carry the eventID of ``event``."""
        return self.ids[event] in self._shared

    def group_of(self, event_id: str, known: int) -> list[int]:
        """All of the first ``known`` events that carry an eventID that is shared."""
        return [one for one in self._shared.get(event_id, ()) if one < known]

    def void_at(self, known: int) -> bytearray:
        """`void` by what the first ``known`` events say; the later ones are all 1."""
        void = self.declared[:known]
        for event_id in self._withdrawn:
            for one in self._voided(self.group_of(event_id, known)):
                void[one] = 1
        return void + bytearray(b"\1" * (len(self.ids) - known))

    def is_ambiguous(self, group: list[int]) -> bool:
        """Whether a declaration in ``group`` could mean any of several events and so voids none of them."""
        undeclared = [one for one in group if not self.declared[one]]
        if len(undeclared) < 2:
            return False
        known = {self._digest(one) for one in undeclared}
        return any(self.declared[one] and self._digest(one) not in known for one in group)

    def _voided(self, group: list[int]) -> list[int]:
        declared = {self._digest(one) for one in group if self.declared[one]}
        if not declared:
            return []
        undeclared = [one for one in group if not self.declared[one]]
        voided = [one for one in undeclared if self._digest(one) in declared]
        if len(undeclared) == 1:
            return undeclared
        return voided

    def _digest(self, event: int) -> bytes:
        return bytes(self._digests[event * DIGEST_BYTES : (event + 1) * DIGEST_BYTES])
