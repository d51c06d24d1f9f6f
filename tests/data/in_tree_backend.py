"""A build backend (PEP 517, PEP 660) that needs nothing: builders copy it into what they make.

It reads `project.json` beside itself and packs the folder `src`. Each call is noted in the file
that the variable IN_TREE_BACKEND_LOG names.
"""

import base64
import hashlib
import json
import os
import tarfile
import zipfile
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PROJECT = json.loads((_HERE / "project.json").read_text("utf-8"))
_NAME = "{name}-{version}".format(**{**_PROJECT, "name": _PROJECT["name"].replace("-", "_")})


def build_wheel(folder: str, *_: object) -> str:
    """Pack `src`."""
    _note("build_wheel")
    files = {
        path.relative_to(_HERE / "src").as_posix(): path.read_bytes()
        for path in sorted((_HERE / "src").rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return _write_wheel(Path(folder), files)


def build_editable(folder: str, *_: object) -> str:
    """Point at `src`."""
    _note("build_editable")
    line = "{}\n".format(_HERE / "src").encode()
    return _write_wheel(Path(folder), {f"__editable__.{_NAME}.pth": line})


def build_sdist(folder: str, *_: object) -> str:
    """Pack everything but the repository."""
    target = Path(folder) / f"{_NAME}.tar.gz"
    with tarfile.open(target, "w:gz") as archive:
        for path in sorted(_HERE.rglob("*")):
            if path.is_file() and path != target and not {".git", "__pycache__"} & {*path.parts}:
                archive.add(path, f"{_NAME}/{path.relative_to(_HERE).as_posix()}")
    return target.name


def _note(hook: str) -> None:
    log = os.environ.get("IN_TREE_BACKEND_LOG")
    if log:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{hook}\n")


def _write_wheel(folder: Path, files: dict[str, bytes]) -> str:
    info = f"{_NAME}.dist-info"
    wheel = "Wheel-Version: 1.0\nGenerator: in-tree\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {**files, f"{info}/METADATA": _PROJECT["metadata"].encode()}
    files[f"{info}/WHEEL"] = wheel.encode()
    if _PROJECT["entry_points"]:
        files[f"{info}/entry_points.txt"] = _PROJECT["entry_points"].encode()
    rows = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    target = folder / f"{_NAME}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return target.name


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
