"""Bytecode that is kept: taken only where python would take it, and only whole; real compilers."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from values import record

from pipguard import kept_bytecode
from pipguard.bytecode import compiled_path
from pipguard.kept_bytecode import KeptBytecode, Sources, kept_in, provide
from pipguard.prefix import Prefix

MODULE, TEMPLATE = "lib/alpha/core.py", "lib/alpha/template.py"
TEXT = "value = 1\n"
HASHES = {MODULE: hashlib.sha256(TEXT.encode()).hexdigest()}
ALPHA = Sources(record("alpha", sha256="a" * 64), (MODULE, TEMPLATE), HASHES)


class Cache:
    """Packages that were extracted, and environments that they are linked into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = KeptBytecode(folder / "bytecode", folder / "staging")
        self.extracted = folder / "pkgs"
        for path, text in ((MODULE, TEXT), (TEMPLATE, "{% no python %}\n")):
            (self.extracted / path).parent.mkdir(parents=True, exist_ok=True)
            (self.extracted / path).write_text(text)

    def environment(self, name: str) -> Prefix:
        prefix = Prefix(self.folder / name)
        for path in ALPHA.files:
            (prefix.path / path).parent.mkdir(parents=True, exist_ok=True)
            os.link(self.extracted / path, prefix.path / path)
        return prefix

    def provide(self, prefix: Prefix) -> dict[str, str]:
        return provide(prefix, [ALPHA], self.kept)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setattr(Prefix, "python", Path(sys.executable))
    return Cache(tmp_path)


def compiled(prefix: Prefix) -> Path:
    return prefix.path / compiled_path(prefix.target, MODULE)


def imported(prefix: Prefix) -> str:
    """What python finds, from the compiled file if it is good."""
    code = "import alpha.core as it; print(it.value, it.__cached__, it.__spec__.loader.path)"
    command = [sys.executable, "-B", "-v", "-c", code]
    variables = {**os.environ, "PYTHONPATH": str(prefix.path / "lib")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)
    used = [line for line in done.stderr.splitlines() if "core" in line and "matches" in line]
    return f"{done.stdout.split()[0]} {'compiled' if used else 'source'}"


def compilers(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note what is compiled from now on."""
    asked: list[list[str]] = []
    real = kept_bytecode.compile_files

    def noting(prefix: Prefix, files: list[str]) -> dict[str, str]:
        asked.append(list(files))
        return real(prefix, files)

    monkeypatch.setattr(kept_bytecode, "compile_files", noting)
    return asked


def test_a_second_environment_links_what_the_first_has_compiled(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = cache.environment("one"), cache.environment("two")
    found = cache.provide(one)
    asked = compilers(monkeypatch)
    assert cache.provide(two) == found == {MODULE: compiled_path(one.target, MODULE)}
    assert asked == [[TEMPLATE]]
    assert compiled(one).samefile(compiled(two))
    assert imported(two) == "1 compiled"
    assert list(cache.kept.staging.iterdir()) == []


def test_no_compiled_file_names_the_environment_it_was_made_in(cache: Cache) -> None:
    one = cache.environment("one")
    cache.provide(one)
    assert os.fsencode(cache.folder) not in compiled(one).read_bytes()


def test_a_source_that_was_edited_is_compiled_anew(cache: Cache) -> None:
    one, two = cache.environment("one"), cache.environment("two")
    cache.provide(one)
    source = two.path / MODULE
    source.unlink()
    source.write_text("value = 2\n")
    os.utime(source, (1, 1))
    cache.provide(two)
    assert imported(two) == "2 compiled"
    assert imported(one) == "1 compiled"


def test_what_lies_in_the_way_is_replaced(cache: Cache) -> None:
    one, two = cache.environment("one"), cache.environment("two")
    cache.provide(one)
    compiled(two).parent.mkdir()
    compiled(two).write_bytes(b"of another time")
    cache.provide(two)
    assert imported(two) == "1 compiled"


def test_another_package_of_the_same_name_takes_nothing(cache: Cache) -> None:
    one, two = cache.environment("one"), cache.environment("two")
    cache.provide(one)
    other = Sources(record("alpha", sha256="b" * 64), ALPHA.files)
    assert cache.kept.take(two, other) == kept_bytecode.Taken({}, ALPHA.files)
    unknown = Sources(record("alpha", sha256=None), ALPHA.files)
    assert cache.kept.take(two, unknown).left == ALPHA.files
    provide(two, [unknown], cache.kept)
    assert len(list(cache.kept.folder.glob("*/*/*"))) == 1


def test_a_compiler_that_made_nothing_leaves_nothing_to_believe(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With PYTHONPYCACHEPREFIX compiled files lie elsewhere; the next environment is another."""
    one, two = cache.environment("one"), cache.environment("two")
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPYCACHEPREFIX", str(cache.folder / "elsewhere"))
        assert cache.provide(one) == {}
    assert list(cache.provide(two)) == [MODULE]


def test_what_was_left_out_once_is_compiled_by_the_next(cache: Cache) -> None:
    one, two = cache.environment("one"), cache.environment("two")
    cache.provide(one)
    for kept in cache.kept.folder.rglob("*.pyc"):
        kept.unlink()
    assert list(cache.provide(two)) == [MODULE]
    assert imported(two) == "1 compiled"


def test_what_somebody_else_keeps_for_himself_is_compiled(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = cache.environment("one"), cache.environment("two")
    cache.provide(one)
    real = open

    def refusing(path: Any, *args: Any, **kwargs: Any) -> Any:
        if str(path).startswith(str(cache.kept.folder)):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", refusing)
        assert list(cache.provide(two)) == [MODULE]
    assert imported(two) == "1 compiled"


def test_a_disk_without_links_gets_copies(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = cache.environment("one"), cache.environment("two")
    cache.provide(one)

    def refuse(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", refuse)
        cache.provide(two)
    assert not compiled(one).samefile(compiled(two))
    assert imported(two) == "1 compiled"


def test_a_cache_that_cannot_be_written_hinders_nobody(cache: Cache) -> None:
    cache.kept.staging.write_text("no folder")
    one = cache.environment("one")
    assert list(cache.provide(one)) == [MODULE]
    assert not cache.kept.folder.exists()


def test_reproducible_builds_compile_for_themselves(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert kept_in(cache.folder, os.environ) is None
    # What goes by a hash is not kept for others, who would compare the time.
    cache.provide(cache.environment("one"))
    assert not cache.kept.folder.exists()


def rewritten(prefix: Prefix, text: str) -> None:
    """Put another source of the same size and time of change in the place of the package's."""
    source = prefix.path / MODULE
    time = source.stat().st_mtime
    source.unlink()
    source.write_text(text)
    os.utime(source, (time, time))


def test_a_prefix_written_into_a_source_is_not_that_of_the_next_environment(cache: Cache) -> None:
    """The engine gives what it writes a prefix into the same time of change everywhere."""
    one, two = cache.environment("one"), cache.environment("two")
    rewritten(one, "value = 2\n")
    rewritten(two, "value = 3\n")
    cache.provide(one)
    cache.provide(two)
    assert imported(two) == "3 compiled"


def test_a_source_that_another_package_brought_is_not_kept_for_the_next_environment(
    cache: Cache,
) -> None:
    one, two = cache.environment("one"), cache.environment("two")
    rewritten(one, "value = 6\n")
    cache.provide(one)
    cache.provide(two)
    assert imported(two) == "1 compiled"


def test_bytecode_that_another_package_brought_is_not_kept_for_the_next_environment(
    cache: Cache,
) -> None:
    """A wheel may ship the compiled file of another one's source, of whatever time it names."""
    forge, one, two = (cache.environment(name) for name in ("forge", "one", "two"))
    rewritten(forge, "value = 6\n")
    cache.provide(forge)
    compiled(one).parent.mkdir()
    os.link(compiled(forge), compiled(one))
    cache.provide(one)
    cache.provide(two)
    assert (imported(one), imported(two)) == ("1 compiled", "1 compiled")


def test_compiling_runs_no_module_that_a_wheel_put_into_the_root_of_the_environment(
    cache: Cache,
) -> None:
    """`.data/data` of a wheel is the prefix, which is where the compiler is started."""
    one = cache.environment("one")
    hostile = f"open({str(cache.folder / 'ran')!r}, 'w')\n"
    for module in ("compileall", "concurrent", "struct"):
        (one.path / f"{module}.py").write_text(hostile)
    assert list(cache.provide(one)) == [MODULE]
    assert not (cache.folder / "ran").exists()


def test_many_sources_are_compiled_by_several_processes_and_none_is_left_out(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = cache.environment("one")
    monkeypatch.setattr("pipguard.bytecode.processors", lambda: 3)
    files = [f"lib/alpha/module_{number}.py" for number in range(120)]
    for file in files:
        (one.path / file).write_text("value = 1\n")
    started = []
    real = subprocess.Popen

    def noting(*args: Any, **kwargs: Any) -> Any:
        started.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", noting)
    assert list(kept_bytecode.compile_files(one, files)) == files
    assert len([it for it in started if any("compileall" in str(word) for word in it[0])]) == 3


def test_a_name_of_two_lines_compiles_no_source_of_another_package(cache: Cache) -> None:
    one = cache.environment("one")
    assert kept_bytecode.compile_files(one, [f"lib/beta\n{MODULE}", f"lib/beta\r{MODULE}"]) == {}
    assert not compiled(one).exists()
