"""What can go wrong, as types that carry facts.

An error holds a reference (kebab-case, stable, documented) and the facts of the case; the words
for it live in `messages/` under the same reference, and `cli.py` alone turns it into an exit
code.

    PipguardError
    ├─ UsageError        2      what was typed cannot be understood or is not done here
    ├─ PlanError         pip's  pip's own exit code; pip's own text has been shown
    ├─ RoutingError      1      the plan and the channels cannot be brought together
    ├─ ConversionError   1      every problem of every wheel, not the first
    ├─ EngineError       1      the solver or the fetching failed; the prefix is unchanged
    │  └─ Unsolvable     1      there is no set of packages that satisfies everything
    ├─ TransactionError  1      `.restored` says whether the prefix is as it was before
    │  └─ InterruptedChange 130  Ctrl-C while the prefix was being changed
    ├─ PrefixError       1      the prefix cannot be guarded or changed
    ├─ StorageError      1      a file of ours cannot be written or read; the prefix is unchanged
    ├─ BundleError       1      no bundle of the environment, or no environment of the bundle
    ├─ LedgerError       1      the account of operations cannot be read or written
    └─ TourError         1      no throw-away environment can be made from this python
"""

from __future__ import annotations

from typing import ClassVar

TYPE_CHECKING = False
if TYPE_CHECKING:  # pip is started before anything that takes its time is imported
    from pipguard.problems import Obstacle, Problem


class PipguardError(Exception):
    """The root of everything that pipguard raises on purpose.

    Args:
        reference: the kebab-case name under which `messages/` words this error.
        facts: what the words need; never a sentence, never a credential.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, reference: str, /, **facts: object) -> None:
        super().__init__(reference, facts)
        self.reference = reference
        self.facts = facts


class UsageError(PipguardError):
    """What was typed cannot be understood, or is deliberately not done inside the guard."""

    exit_code: ClassVar[int] = 2


class PlanError(PipguardError):
    """pip could not make a plan; pip has already said why on its own streams.

    `status` is pip's exit code, which becomes ours.
    """

    def __init__(self, reference: str, /, *, status: int = 1, **facts: object) -> None:
        super().__init__(reference, **facts)
        self.status = status


class RoutingError(PipguardError):
    """Plan and channels conflict, or the solution lacks a dist that was promised."""


class ConversionError(PipguardError):
    """Wheels were refused; carries every problem of every wheel."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("wheel-refused", problems=problems)
        self.problems = problems


class EngineError(PipguardError):
    """The solver or the fetching failed; the prefix is unchanged."""


class Unsolvable(EngineError):  # noqa: N818 # it states a fact about the request
    """There is no set of packages that satisfies everything.

    `text` is the solver's explanation; `asked` is what was typed, `obstacles` what stands in its
    way, both empty where nobody has looked into that.
    """

    def __init__(self, text: str, asked: str = "", obstacles: tuple[Obstacle, ...] = ()) -> None:
        super().__init__("no-solution", text=text, asked=asked, problems=obstacles)
        self.text = text
        self.obstacles = obstacles


class TransactionError(PipguardError):
    """Applying failed after the prefix was first touched.

    `restored` says whether the prefix is again as it was before.
    """

    def __init__(self, reference: str, /, *, restored: bool, **facts: object) -> None:
        super().__init__(reference, restored=restored, **facts)
        self.restored = restored


class InterruptedChange(TransactionError):  # noqa: N818 # named like KeyboardInterrupt
    """Ctrl-C came after the prefix was first touched."""

    exit_code: ClassVar[int] = 130


class PrefixError(PipguardError):
    """The prefix is no environment that can be guarded or changed."""


class StorageError(PipguardError):
    """A file outside the prefix cannot be written or read, before the prefix was touched."""


class BundleError(PipguardError):
    """No bundle can be made of an environment, or no environment of a bundle."""


class LedgerError(PipguardError):
    """The account of operations cannot be read or written."""


class TourError(PipguardError):
    """No throw-away environment can be made from the python that was given."""
