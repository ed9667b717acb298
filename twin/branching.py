"""A run taken from a moment on in two ways: what if that station had been stopped, that order not been given?

A branch begins exactly where the run stands and shares nothing with it. Where every object of a run is a call-back
machine it is copied; where a generator or a function with a memory is in it, which Python cannot copy, the moment is
reached again from the seed and the logged inputs.
"""

from __future__ import annotations

import copy
import gc
import sys
from collections.abc import Iterable
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any, Literal, TypeVar, overload

from trace_core.errors import NotCopyable
from twin.line.line import Line
from twin.observe.observer import Deliver
from twin.simulation import Running

How = Literal["either", "copy", "replay"]

FRAMES = 200_000
"""Frames of the interpreter that copying a chain of stations may take."""

_SUSPENDED = (GeneratorType, CoroutineType, AsyncGeneratorType)
_PLAIN = (type, ModuleType, str, bytes, int, float, complex, type(None))

_Run = TypeVar("_Run", Running, Line)


@overload
def branch(run: Running, how: How = "either", *, deliver: Deliver | None = None) -> Running: ...
@overload
def branch(run: Line, how: How = "either") -> Line: ...
def branch(run: Running | Line, how: How = "either", *, deliver: Deliver | None = None) -> Running | Line:
    """A run that stands where ``run`` stands and goes on by itself; unchanged, both go on alike, to the byte.

    ``how``: by ``copy``, by ``replay`` from the seed and the inputs (as long as the run took so far), or ``either``,
    the copy where it can be had. ``deliver`` gets the branch's reports from now on; without one nobody does.
    NotCopyable with the object that forbids it where a copy was asked for, and for a line (which has no seed to be
    replayed from).
    """
    if isinstance(run, Line):
        return _copied(run, {}, ())
    if how == "replay" or (how == "either" and obstacle(run, _outside(run)) is not None):
        return _replayed(run, deliver)
    shared = {id(run.spec): run.spec, id(run.faults): run.faults, id(run.deliver): deliver}
    return _copied(run, shared, _outside(run))


def _outside(run: Running) -> tuple[object, ...]:
    return run.spec, run.faults, run.deliver


def _copied(run: _Run, shared: dict[int, Any], outside: Iterable[object]) -> _Run:
    if (found := obstacle(run, outside)) is not None:
        raise found
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, FRAMES))
    try:
        return copy.deepcopy(run, shared)
    finally:
        sys.setrecursionlimit(limit)


def _replayed(run: Running, deliver: Deliver | None) -> Running:
    inputs = (*run.log.done, *run.log.ahead)
    gate = _Gate()
    again = Running(
        run.spec, run.seed, run.until, run.faults, gate if deliver else None, inputs=inputs, replication=run.replication
    )
    again.run_until(run.now_s)
    gate.deliver = deliver
    return again


class _Gate:
    """Keeps back the reports of what has been before."""

    deliver: Deliver | None = None

    def __call__(self, *report: Any) -> object:
        return self.deliver(*report) if self.deliver is not None else None


def obstacle(run: object, outside: Iterable[object] = ()) -> NotCopyable | None:
    """The first object in ``run`` that a copy would share with it or could not make; None where there is none.

    ``outside`` are objects that do not belong to the run.
    """
    seen = {id(one) for one in outside}
    ahead: list[tuple[object, str, bool]] = [(run, type(run).__name__, False)]
    while ahead:
        one, holder, is_own = ahead.pop()
        if id(one) in seen or isinstance(one, _PLAIN):
            continue
        seen.add(id(one))
        if (reason := _forbids(one, is_own=is_own)) is not None:
            return NotCopyable(_owner(one, holder), reason)
        holder = _name_of(one) or holder
        is_own = hasattr(type(one), "__deepcopy__") or (is_own and isinstance(one, list | tuple | dict))
        ahead.extend((part, holder, is_own) for part in _parts(one))
    return None


def _forbids(one: object, *, is_own: bool) -> str | None:
    """Why a copy of a run must not hold ``one``; ``is_own``: what holds it copies itself, and binds methods anew."""
    if isinstance(one, _SUSPENDED):
        return f"{one.__qualname__}, which stands in the middle of its steps and cannot be copied"
    if isinstance(one, FunctionType) and any(_is_mutable(cell.cell_contents) for cell in one.__closure__ or ()):
        return f"{one.__qualname__}, a function with a memory that a copy would share"
    if not is_own and isinstance(one, BuiltinFunctionType) and _is_mutable(one.__self__):
        return f"a method of a {type(one.__self__).__name__} that a copy would share"
    return None


def _is_mutable(held: object) -> bool:
    return not isinstance(held, (*_PLAIN, tuple, frozenset, FunctionType))


def _parts(one: object) -> list[object]:
    if isinstance(one, FunctionType):
        return [cell.cell_contents for cell in one.__closure__ or ()]
    if isinstance(one, MethodType):
        return [one.__self__]
    return gc.get_referents(one)


def _owner(one: object, holder: str) -> str:
    frame = getattr(one, "gi_frame", None)
    owner = frame.f_locals.get("self") if frame is not None else None
    return holder if owner is None else _name_of(owner) or type(owner).__name__


def _name_of(one: object) -> str:
    for attribute in ("name", "station"):
        try:
            name = object.__getattribute__(one, attribute)
        except AttributeError:
            continue
        if isinstance(name, str):
            return f"{type(one).__name__} {name}"
    return ""
