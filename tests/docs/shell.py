"""Runs the commands of a page, in this process, in the page's own folder."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from dataclasses import dataclass, field

from typer.testing import CliRunner

from tests.docs.pages import Bindings, Step


@dataclass(slots=True)
class Shell:
    """The commands a page may show; ``folder`` is the current one."""

    folder: pathlib.Path
    code: int = 0
    bindings: Bindings = field(default_factory=Bindings)

    def run(self, command: str) -> str:
        """What ``command`` prints, stdout and stderr as they come; sets ``code``."""
        program, *arguments = self.bindings.in_command(command)
        known: dict[str, Callable[[list[str]], str]] = {
            "tracetwin": self._tracetwin,
            "echo": self._echo,
            "cat": lambda names: "".join((self.folder / one).read_text("utf-8-sig") for one in names),
            "ls": lambda names: "\n".join(sorted(one.name for one in (self.folder / "".join(names)).glob("*"))),
        }
        assert program in known, f"a page runs {', '.join(known)}, not {program}"
        return known[program](arguments)

    def _tracetwin(self, arguments: list[str]) -> str:
        from testbed.cli import app

        result = CliRunner().invoke(app, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code = result.exit_code
        return result.output

    def _echo(self, arguments: list[str]) -> str:
        assert arguments == ["$?"], "a page echoes the exit code only"
        return str(self.code)

    def fault_of(self, step: Step, following: Step | None) -> str:
        """What a reader who types ``step`` would be surprised by; "" where all is as the page shows."""
        printed = self.run(step.command)
        if not self.bindings.agree(step.shown, printed, is_varying=step.is_varying):
            return f"$ {step.command}\n--- the page shows\n" + "\n".join(step.shown) + f"\n--- it prints\n{printed}"
        asked = following is not None and following.command == "echo $?"
        if self.code and step.command.startswith("tracetwin") and not asked:
            return f"$ {step.command}\nends with {self.code}, and the page does not say so\n{printed}"
        return ""
