"""Every word and every colour that a person sees.

Code elsewhere raises errors and makes values that carry facts; this module alone turns them into
sentences. `ERRORS` and `PROBLEMS` are the catalogues: one entry for each reference that is raised,
and a test holds the two against the code.
"""

from __future__ import annotations

from typing import NamedTuple


class Wording(NamedTuple):
    """How one error is told: what happened, and what to type or change next.

    Both are `str.format` templates over the facts of the error.
    """

    what: str
    hint: str


ERRORS: dict[str, Wording] = {
    # settings
    "condarc-invalid": Wording(
        "conda's configuration holds settings that conda refuses as well:\n{problems}",
        "Correct them; `conda config --show-sources` lists every file.",
    ),
    "channel-not-allowed": Wording(
        "The channel {channel} ({url}) is excluded by `allowlist_channels` or `denylist_channels`.",
        "Take it out of the channels, or ask whoever wrote that rule.",
    ),
    "policy-invalid": Wording(
        "The policy cannot be used:\n{problems}",
        "Correct these settings and try again.",
    ),
    # wheels
    "wheel-refused": Wording(
        "These wheels cannot be turned into conda packages:\n{problems}",
        "Report this to the project that published the wheel, or ask for another version.",
    ),
}

PROBLEMS: dict[str, str] = {
    # settings: over the fields of a BadSetting
    "file-unreadable": "{source}: cannot be read ({detail})",
    "setting-no-scheme": "{source}: `{key}` must be a URL, not {detail}",
    "setting-shape": "{source}: `{key}` must be {detail}",
    "setting-unknown": "{source}: there is no setting `{key}`",
    "setting-value": "{source}: `{key}` cannot be {detail}",
}
