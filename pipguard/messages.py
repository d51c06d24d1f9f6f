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
    # which environments can be guarded
    "not-guarded": Wording(
        "{prefix} is not guarded.",
        "Type `pipguard enable -p {prefix}`.",
    ),
    "guard-unreadable": Wording(
        "The guard of {prefix} cannot be read: {error}",
        "Type `pipguard enable -p {prefix}` to put it right, or `pipguard disable -p {prefix}`.",
    ),
    "venv-not-guarded": Wording(
        "{prefix} is a venv; pip changes it without harm to any conda environment.",
        "Name the conda environment you mean with `-p` or `-n`.",
    ),
    "pixi-not-guarded": Wording(
        "{prefix} belongs to pixi, which removes what its lock file does not know.",
        "Use `pixi add --pypi NAME` in the project.",
    ),
    "prefix-frozen": Wording(
        "{prefix} is frozen: whoever made it does not want it changed.",
        "Make an environment of your own, or remove conda-meta/frozen if it is yours.",
    ),
    "prefix-read-only": Wording(
        "{folder} cannot be written.",
        "Ask its owner, or make an environment of your own.",
    ),
    "prefix-unspeakable": Wording(
        "{prefix} has a colon or a line end in its name, which PATH cannot hold.",
        "Rename the environment: `conda rename`.",
    ),
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

# What pip says beside EXTERNALLY-MANAGED, `Error-<language>` where the locale asks (PEP 668).
MARKER: dict[str, str] = {
    "Error": """This conda environment is guarded by pipguard.

Activate the environment and type `pip install NAME`, or without activation
    pipguard pip -p {prefix} install NAME
Both install from conda what conda has, and everything else so that conda knows of it.

For plain pip this once, in the activated environment: PIPGUARD_BYPASS=1 pip install NAME""",
    "Error-de": """Diese conda-Umgebung steht unter dem Schutz von pipguard.

Umgebung aktivieren und `pip install NAME` eingeben, oder ohne Aktivierung
    pipguard pip -p {prefix} install NAME
Beides installiert aus conda, was conda hat, und alles andere so, dass conda davon weiß.

Einmalig reines pip, in der aktivierten Umgebung: PIPGUARD_BYPASS=1 pip install NAME""",
    "Error-fr": """Cet environnement conda est protégé par pipguard.

Activez l'environnement et tapez `pip install NOM`, ou sans activation
    pipguard pip -p {prefix} install NOM
Les deux installent depuis conda ce que conda propose, et le reste de façon que conda le sache.

Pour pip seul, une fois, dans l'environnement activé : PIPGUARD_BYPASS=1 pip install NOM""",
    "Error-es": """Este entorno de conda está protegido por pipguard.

Active el entorno y escriba `pip install NOMBRE`, o sin activarlo
    pipguard pip -p {prefix} install NOMBRE
Ambos instalan desde conda lo que conda tiene, y lo demás de modo que conda lo sepa.

Para usar solo pip, una vez, en el entorno activado: PIPGUARD_BYPASS=1 pip install NOMBRE""",
}
