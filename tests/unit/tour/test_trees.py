from __future__ import annotations

from pathlib import Path

from pipguard.tour.trees import differences, states


def test_a_state_tells_kind_mode_and_contents(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_text("x")
    (tmp_path / "folder/file").chmod(0o640)
    (tmp_path / "link").symlink_to("folder")
    found = states(tmp_path)
    assert list(found) == ["folder/file", "link"]
    assert found["folder/file"].startswith("file 640 1 ")
    assert found["link"] == "link folder"


def test_what_came_went_and_changed_differs() -> None:
    before, after = {"a": "1", "b": "1", "c": "1"}, {"b": "1", "c": "2", "d": "1"}
    assert differences(before, after) == ("a", "c", "d")
    assert differences(before, after, "[ad]") == ("c",)


def test_a_pattern_covers_whole_paths() -> None:
    assert differences({}, {"conda-meta/pipguard/a/b": "1", "x": "1"}, "conda-meta/*") == ("x",)


def test_bytecode_of_a_module_that_stays_is_nobodys() -> None:
    compiled = "lib/__pycache__/mod.cpython-312.pyc"
    assert differences({"lib/mod.py": "1"}, {"lib/mod.py": "1", compiled: "1"}) == ()


def test_bytecode_of_a_module_that_went_is_left_behind() -> None:
    compiled = "lib/__pycache__/mod.cpython-312.pyc"
    assert differences({}, {compiled: "1"}) == (compiled,)
    assert differences({"lib/mod.py": "1"}, {compiled: "1"}) == (compiled, "lib/mod.py")
