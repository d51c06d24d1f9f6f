"""The front door of uv's shim: uv's words in, an exit code out.

`serve` makes pip's words of uv's, starts pip with them as early as it can, and hands over to
`uv_session.py`; or becomes real uv where nothing here would be changed. Where pip has no word for
an option, uv pins first. Imports little, as `intercept.py` does.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from pipguard import bypass
from pipguard.copies import refuse_copy
from pipguard.pip_process import PipChild
from pipguard.prefix import Prefix
from pipguard.uv_indexes import find_logins, log_in, logged_in, split_name
from pipguard.uv_options import VERBS, read
from pipguard.uv_pins import with_every_index, without_partial_hashes
from pipguard.uv_request import Translation, translate
from pipguard.uv_settings import look
from pipguard.uv_tool import become_uv, find_uv, pin

_EXPLICIT = "pipguard uv"
_HELP = frozenset({"-h", "--help", "-V", "--version"})
# Where and how pip looks holds for uv's requests as well, a machine's mirror is a mirror. What
# pip's other variables ask for, a folder to install into for instance, uv has never heard of.
_HEEDED = frozenset(
    {"PIP_CACHE_DIR", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT"}
    | {"PIP_DISABLE_PIP_VERSION_CHECK", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL"}
    | {"PIP_KEYRING_PROVIDER", "PIP_NO_CACHE_DIR", "PIP_NO_INDEX", "PIP_NO_INPUT", "PIP_PROXY"}
    | {"PIP_RETRIES", "PIP_TIMEOUT", "PIP_TRUSTED_HOST"}
)
# Nor of what a pip.conf asks for; a variable overrules it.
_UNHEARD = {"PIP_DRY_RUN": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0"}


def serve(prefix: Path, arguments: Sequence[str], front_door: str) -> int:
    """Serve one uv command line for an environment and return its exit code.

    Raises:
        UsageError: an option is unknown or refused, or there is no uv.
        PlanError: uv was to pin and found no solution.
        PipguardError: every error of `session.run`.
    """
    words = tuple(arguments)
    bypassed = bypass.is_asked_for(os.environ)
    asked = None if bypassed or _HELP & set(words) else _understood(words, prefix)
    if bypassed and VERBS & set(words):
        bypass.record(prefix, front_door, words)
    if asked is None:
        _become_uv(prefix, words, front_door)
    refuse_copy(prefix)
    here = Path.cwd()
    _settle(asked)
    with tempfile.TemporaryDirectory(prefix="pipguard-") as folder:
        told, pins = asked.pip_arguments(), ""
        if asked.pins:
            told, pins = _pinned(Prefix(prefix), asked, Path(folder))
        told = tuple(log_in(word, asked.logins) for word in told)
        python = Prefix(prefix).python
        child = PipChild(prefix, python, told) if python.exists() else None
        # While pip starts, which takes as long, the rest is imported.
        from pipguard import uv_session  # noqa: PLC0415
        from pipguard.upkeep import tend  # noqa: PLC0415

        tend(prefix)
        typed = uv_session.Typed(words, front_door, asked, pins)
        served = uv_session.run(prefix, typed, told, child)
    if not served:
        os.chdir(here)
        _become_uv(prefix, words, front_door)
    return 0


def _understood(words: tuple[str, ...], prefix: Path) -> Translation | None:
    """Read and translate; None where it is real uv's."""
    command = read(words, os.environ)
    if command is None:
        return None
    settings = look(command, os.environ, Path.home())
    asked = translate(command.with_silent(settings.given), str(prefix))
    if asked is None or asked.verb == "uninstall":
        return asked
    named = (*command.values("--index"), *command.values("--default-index"))
    logins = find_logins((*map(split_name, named), *settings.indexes), os.environ)
    if settings.are_there:
        asked = asked.following_files(several_indexes=bool(settings.indexes))
    return replace(asked, logins=logins)


def _become_uv(prefix: Path, words: tuple[str, ...], front_door: str) -> NoReturn:
    """Become real uv, telling it which environment is meant unless the shim has that from uv."""
    variables = {"UV_BREAK_SYSTEM_PACKAGES": "1"} if bypass.is_asked_for(os.environ) else {}
    chosen: Mapping[str, str] = {"UV_PYTHON": str(prefix)} if front_door == _EXPLICIT else {}
    become_uv(find_uv(os.environ), words, {**variables, **chosen})


def _settle(asked: Translation) -> None:
    """Go where the request is to be read, and let pip hear what concerns it."""
    if asked.directory:
        os.chdir(asked.directory)
        os.environ.pop("UV_WORKING_DIR", None)  # uv would go there from here
    for variable in [it for it in os.environ if it.startswith("PIP_") and it not in _HEEDED]:
        del os.environ[variable]
    os.environ.update(_UNHEARD)
    for variable, value in asked.variables.items():
        os.environ[variable] = " ".join(logged_in(it, asked.logins) for it in value.split())


def _pinned(prefix: Prefix, asked: Translation, folder: Path) -> tuple[tuple[str, ...], str]:
    """Let uv pin; return pip's words for that, and the pins as text."""
    file = pin(find_uv(os.environ), prefix, asked, folder)
    text = with_every_index(without_partial_hashes(file.read_text(encoding="utf-8")))
    file.write_text(log_in(text, asked.logins), encoding="utf-8")
    return asked.pinned_arguments(str(file)), text
