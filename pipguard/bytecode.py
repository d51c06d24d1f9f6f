"""Compiled python files of what was installed, and those that what was removed leaves behind.

conda compiles a noarch package when it links it and records the `.pyc` files
(`conda/core/path_actions.py`); the embedded engine does neither.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pipguard.prefix import Prefix
from pipguard.processors import processors
from pipguard.target import Target

# Starting a python takes as long as compiling this many files.
_WORTH_A_PROCESS = 50
# compileall's command line; what a compiler makes is no garbage, and looking for some takes 6 %.
_COMPILE = "import gc, sys, compileall; gc.disable(); sys.exit(not compileall.main())"


def compile_files(prefix: Prefix, files: Iterable[str]) -> dict[str, str]:
    """Compile python files with the environment's python, which runs nothing of what is installed.

    Compiled files that lie there already are not believed: a package may bring those of another
    one's sources, and the compiler would leave them for their time of change alone.

    Args:
        prefix: the environment.
        files: paths relative to the prefix; others than `.py` are passed over.

    Returns:
        by source, the path of its compiled file, both relative to the prefix. Sources that do
        not compile (templates, files for other pythons) are left out, as pip and conda do.

    Raises:
        OSError: a compiled file cannot be removed.
    """
    # A line of a list is a file: a name of two lines would be another package's.
    sources = [it for it in files if it.endswith(".py") and not {"\n", "\r"} & {*it}]
    if not sources:
        return {}
    compiled = {source: compiled_path(prefix.target, source) for source in sources}
    root = f"{prefix.path}/"
    _delete(root + path for path in compiled.values())
    # Shared out here: compileall has workers for folders, and none for a list of files.
    shares = min(processors(), 1 + len(sources) // _WORTH_A_PROCESS)
    with ExitStack() as stack:
        for share in range(shares):
            stack.enter_context(_compiling(prefix, sources[share::shares]))
    return {it: path for it, path in compiled.items() if os.path.isfile(root + path)}  # noqa: PTH113


@contextmanager
def _compiling(prefix: Prefix, sources: Iterable[str]) -> Iterator[None]:
    """Compile while the block runs, and wait for the end; leave nothing running if it fails."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listing:
        # Relative, as conda does it: no compiled file names the folder of an environment.
        listing.writelines(f"{source}\n" for source in sources)
        listing.flush()
        process = subprocess.Popen(
            [
                *(str(prefix.python), *_alone(), "-Wi", "-c", _COMPILE),
                *("-q", "-l", "-i", listing.name),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=prefix.path,
        )
        try:
            yield
            process.wait()
        finally:
            process.kill()
            process.wait()


def _delete(files: Iterable[str]) -> None:
    for file in files:
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            os.unlink(file)  # noqa: PTH108 # thousands


def _alone() -> Sequence[str]:
    """Keep a python from the folder it starts in and from `.pth` files: a wheel writes both."""
    elsewhere = os.environ.get("PYTHONPYCACHEPREFIX")
    # Isolated, it would not hear the variable, and the person's pythons would not find the files.
    return ("-I", "-S", *(("-X", f"pycache_prefix={elsewhere}") if elsewhere else ()))


def compiled_path(target: Target, source: str) -> str:
    """Say where python keeps the compiled file of a source (PEP 3147)."""
    folder, slash, name = source.rpartition("/")
    tag = f"cpython-{target.minor.replace('.', '')}"
    return f"{folder}{slash}__pycache__/{name.removesuffix('.py')}.{tag}.pyc"


def sweep(prefix: Path, files: Iterable[str]) -> None:
    """Delete the compiled files of sources that are gone, and the folders this empties.

    Only bytecode of files that were ours is deleted; a folder goes only when it is empty.
    """
    root = f"{prefix}/"
    gone = [file for file in files if not os.path.exists(root + file)]  # noqa: PTH110 # thousands
    for compiled in compiled_of(prefix, gone):
        (prefix / compiled).unlink(missing_ok=True)
    folders = {parent for file in gone for parent in _folders(prefix, file)}
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        _remove_if_empty(folder)


def compiled_of(prefix: Path, sources: Iterable[str]) -> Iterator[str]:
    """Find what pythons have compiled these sources to; each folder is listed once."""
    modules: dict[str, set[str]] = {}
    for source in sources:
        folder, slash, name = source.rpartition("/")
        if name.endswith(".py"):
            modules.setdefault(folder + slash, set()).add(name.removesuffix(".py"))
    for folder, stems in modules.items():
        cache = f"{folder}__pycache__/"
        for name in _listed(f"{prefix}/{cache}"):
            if name.endswith(".pyc") and _stem(name) in stems:
                yield cache + name


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 # names alone are wanted
    except OSError:
        return []


def _stem(name: str) -> str:
    """Name the module of `module.cpython-311.opt-1.pyc` (PEP 3147, PEP 488)."""
    tagged = name.removesuffix(".pyc")
    head, _, last = tagged.rpartition(".")
    return head.rpartition(".")[0] if last.startswith("opt-") else head


def _folders(prefix: Path, file: str) -> Iterator[Path]:
    """Yield the folders of a file inside site-packages, its `__pycache__` included."""
    path = prefix / file
    if "site-packages" not in path.parts:
        return
    yield path.parent / "__pycache__"
    for parent in path.parents:
        if parent.name == "site-packages":
            return
        yield parent


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # It holds something else, or has gone already.
        return
