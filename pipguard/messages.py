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
    # wheels: why one is refused, or what to know of it
    "conda-name-invalid": "{detail!r} cannot be the name of a conda package",
    "data-scheme-unknown": "{member}: not a kind of data that wheels can hold",
    "dist-info-incomplete": "{member} is missing",
    "dist-info-missing": "there is no .dist-info folder in it",
    "dist-info-name": "{member} is not the metadata folder of {detail}",
    "dist-info-several": "it holds several .dist-info folders: {detail}",
    "entry-point-invalid": "{member}: `{detail}` names no function to call",
    "entry-point-path": "{member}: the name of `{detail}` is a path",
    "entry-points-unreadable": "{member} cannot be read ({detail})",
    "member-activation": "{member} runs whenever the environment is activated",
    "member-case-differs": "{member}: another file differs from it only in upper and lower case",
    "member-corrupt": "{member} is damaged",
    "member-duplicate": "{member} is in it twice, with different contents",
    "member-encrypted": "{member} is encrypted",
    "member-file-and-folder": "{member} is both a file and a folder",
    "member-link-script": "{member}: conda would run it when the package is installed or removed",
    "member-menu": "{member} makes an entry in the desktop's menu",
    "member-not-a-file": "{member} is a link or a device, not a file",
    "member-path-unsafe": "{member!r} could lie outside the environment",
    "member-reserved": "{member}: that place in the environment belongs to conda",
    "member-size-differs": "{member} is not of the size that it declares",
    "metadata-name-differs": "{member} is of another project: {detail!r}",
    "metadata-not-utf8": "{member} is not UTF-8 ({detail})",
    "metadata-version-differs": "{member} is of another version: {detail!r}",
    "record-hash-wrong": "{member} has another hash than RECORD says (such files: {detail})",
    "record-row-missing": "{member} is not listed in RECORD (such files: {detail})",
    "record-unreadable": "{member} cannot be read ({detail})",
    "requires-dist-invalid": "{member}: `{detail}` is not a valid requirement",
    "requires-python-invalid": "{member}: Requires-Python `{detail}` is not valid; it is ignored",
    "version-invalid": "{member}: {detail!r} is not a valid version",
    "wheel-hash-differs": "its sha256 is {detail}, not what was announced",
    "wheel-musllinux": "it is for musl, not for the C library of {detail}",
    "wheel-name-differs": "by its file name it is not {detail}",
    "wheel-name-invalid": "its file name is not that of a wheel ({detail})",
    "wheel-not-for-target": "it is not for {detail}",
    "wheel-ratio": "it unpacks to {detail} times its size",
    "wheel-too-large": "it unpacks to {detail} bytes",
    "wheel-unreadable": "it cannot be read as a zip file ({detail})",
    "wheel-version-newer": "{member}: Wheel-Version {detail} is newer than what is known here",
    "wheel-version-unknown": "{member}: Wheel-Version {detail!r} is not known here",
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
