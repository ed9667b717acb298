"""The edge of the program: whatever a command raises becomes one message on stderr and an exit code.

Exit codes: 0 done, 1 the answer is no, 2 bad input or use, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from testbed.output import say
from trace_core.errors import CommandRefused, TracetwinError

DEBUG = "TRACETWIN_DEBUG"
"""Set to 1, the environment variable that lets an internal error show where it came from."""

Arguments = ParamSpec("Arguments")

_REMEDIES = {
    errno.EACCES: "choose a place you may write, or ask for the right to",
    errno.EPERM: "choose a place you may write, or ask for the right to",
    errno.EROFS: "choose a place that can be written",
    errno.ENOENT: "check the path",
    errno.EEXIST: "move it away, or choose another name",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOTDIR: "choose a folder, not a file",
    errno.ENOSPC: "free some space and start again",
    errno.EDQUOT: "free some space and start again",
}


def at_edge(command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """``command`` with every exception turned into its message and exit code."""

    @wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except typer.Exit:
            raise
        except BrokenPipeError:  # whoever reads us has seen enough
            _abandon_stdout()
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            raise _stopped("interrupted; what was acknowledged is in the store, and the store is whole", 130) from None
        except TracetwinError as error:
            raise _stopped(str(error), 1 if isinstance(error, CommandRefused) else 2) from error
        except OSError as error:
            raise _stopped(_spoken(error), 2) from error
        except Exception as error:  # a defect of ours must not look like the user's, nor bury him in a traceback
            if os.environ.get(DEBUG) == "1":
                raise
            text = f"internal error: {type(error).__name__}: {error}; set {DEBUG}=1 to see where, and please report it"
            raise _stopped(text, 2) from error

    return run


def _stopped(message: str, code: int) -> typer.Exit:
    say(f"tracetwin: {message}")
    return typer.Exit(code)


def _spoken(error: OSError) -> str:
    """What the operating system refused, in one line that says where and what to do."""
    where = f"{error.filename}: " if error.filename else ""
    text = f"{where}{error.strerror or error}"
    remedy = _REMEDIES.get(error.errno or 0, "")
    return f"{text}; {remedy}" if remedy else text


def _abandon_stdout() -> None:
    """Send what is still buffered nowhere, so that the interpreter's own flush at exit stays quiet."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
