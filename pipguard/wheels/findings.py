"""What is found wrong with a wheel, collected so that all of it is told at once. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipguard.errors import ConversionError
from pipguard.problems import Problem


@dataclass(slots=True)
class Findings:
    """Reasons to refuse one wheel, and things to warn of."""

    wheel: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def refuse(self, reference: str, member: str = "", detail: str = "") -> None:
        """Note a reason to refuse the wheel."""
        self.problems.append(Problem(self.wheel, reference, member, detail))

    def warn(self, reference: str, member: str = "", detail: str = "") -> None:
        """Note what a person should know although the wheel is accepted."""
        self.warnings.append(Problem(self.wheel, reference, member, detail))

    def stop_if_refused(self) -> None:
        """Go on only where nothing speaks against it.

        Raises:
            ConversionError: all problems noted so far.
        """
        if self.problems:
            raise ConversionError(tuple(dict.fromkeys(self.problems)))
