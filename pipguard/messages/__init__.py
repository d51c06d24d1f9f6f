"""Every word that a person sees, as data.

Pure. Code elsewhere raises errors and makes values that carry facts; `terminal.py` shows them in
the words of this folder. The templates are for `str.format` over the facts.
"""

from pipguard.messages.doctor import DOCTOR_TEXTS, FINDINGS, FIXES, UNKNOWN_FACTS
from pipguard.messages.errors import ERRORS, Wording
from pipguard.messages.help import EXAMPLES, GROUPS, HELP, SUMMARIES, USAGE
from pipguard.messages.marker import MARKER
from pipguard.messages.problems import PROBLEMS
from pipguard.messages.sentences import REASONS, SENTENCES
from pipguard.messages.tour import TOUR
from pipguard.messages.verbs import ORIGINS, OVERRIDES, UNROUTED, VERB_TEXTS

TEXTS: dict[str, str] = {**SENTENCES, **VERB_TEXTS, **DOCTOR_TEXTS}

__all__ = [
    "ERRORS",
    "EXAMPLES",
    "FINDINGS",
    "FIXES",
    "GROUPS",
    "HELP",
    "MARKER",
    "ORIGINS",
    "OVERRIDES",
    "PROBLEMS",
    "REASONS",
    "SUMMARIES",
    "TEXTS",
    "TOUR",
    "UNKNOWN_FACTS",
    "UNROUTED",
    "USAGE",
    "Wording",
]
