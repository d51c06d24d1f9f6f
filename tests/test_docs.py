"""The documents hold against the code: links, and every module, file, verb and word they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest
from sources import BY_NAME
from typed import DOCUMENTS, OTHERS, SHELLS, Command, Fence, fences, told

from pipguard import cli, errors
from pipguard.cleaning import Kind as Cleanable
from pipguard.doctor.findings import Fix, Kind
from pipguard.faults import FaultKind
from pipguard.messages import EXAMPLES, FINDINGS, FIXES, OVERRIDES, PROBLEMS, REASONS
from pipguard.operations import Past
from pipguard.overrides import Kind as Weakening
from pipguard.policy import _LIMITS, _TOP_LEVEL, Choice, Prefer, examine
from pipguard.routes import Reason
from pipguard.status import DistStatus, Kept, Status
from pipguard.uv_table import OPTIONS
from pipguard.verbs import VERBS

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGE = _ROOT / "pipguard"
_every_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(_ROOT))
)
_FIRST_COMMAND = 22

# A line of the tree: indentation, a file or folder, perhaps the mark of a pure module.
_LEAF = re.compile(r"(?P<indent> +)(?P<name>[\w.]+/?)(?: +(?P<pure>P)(?= ))?(?: |$)")
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
# Files of the repository, or of the package as the documents call them: from its folder.
_FILE = re.compile(r"`(?P<path>[\w.-]+(?:/[\w.-]+)*\.(?:py|sh|md|toml|fish|csh))(?:`|\.)")
_COMMAND = re.compile(r"(?:^|[`$ ])pipguard (?P<verb>[a-z]+)\b", re.MULTILINE)


def _tree(text: str) -> dict[str, bool]:
    """Read the tree of architecture.md: each module of pipguard, and whether it is marked pure."""
    _, _, after = text.partition("\npipguard/\n")
    found, folder = {}, ""
    for line in after.partition("\n```")[0].splitlines():
        leaf = _LEAF.match(line)
        if leaf is None:
            continue
        name, deep = leaf["name"], len(leaf["indent"]) > len("    ")
        if name.endswith("/"):
            folder = name
        elif name.endswith(".py"):
            found[(folder if deep else "") + name] = leaf["pure"] is not None
    return found


def _modules() -> dict[str, bool]:
    """Every module of the package by its path, and whether its docstring says it is pure."""
    found = {}
    for path in _PACKAGE.rglob("*.py"):
        inside = path.relative_to(_PACKAGE)
        name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
        found[inside.as_posix()] = BY_NAME[name].says_pure
    return found


def _architecture() -> str:
    return (_ROOT / "docs/architecture.md").read_text("utf-8")


def test_the_tree_has_every_module_and_no_other() -> None:
    assert sorted(_tree(_architecture())) == sorted(_modules())


def test_the_tree_marks_what_is_pure() -> None:
    tree, modules = _tree(_architecture()), _modules()
    assert {name for name in tree if tree[name]} == {name for name in modules if modules[name]}


def test_a_tree_is_read_with_its_folders_and_marks() -> None:
    text = "```\npipguard/\n    a.py  P  words\n    # b.py\n    c/\n        d.py  words\n```\nx.py"
    assert _tree(text) == {"a.py": True, "c/d.py": False}


# Names of python, pip, conda and py-rattler that architecture.md speaks of.
_THEIRS = frozenset({"pip.conf", "os._exit", "requested_specs", "CACHEDIR.TAG"}) | {
    "PrefixRecord.write_to_path"
}


def test_every_name_of_the_code_in_the_architecture_exists() -> None:
    known = {word for name in BY_NAME for word in name.split(".")}
    for module in BY_NAME.values():
        known |= {*re.findall(r"^ *(?:class|def) (\w+)", module.source, re.MULTILINE)}
        known |= {*re.findall(r"^(\w+)(?::.+?)? = ", module.source, re.MULTILINE)}
    named = set(re.findall(r"`(\w+\.(?!py`|sh`)\w+|\w*[A-Z_]\w*)`", _architecture()))
    assert {it for it in named - _THEIRS if not known.issuperset(it.split("."))} == set()


def _anchors(document: Path) -> set[str]:
    """Name the headings of a document as links to them do."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _broken(document: Path, text: str) -> Iterator[str]:
    for link in _LINK.finditer(text):
        target, _, anchor = link["target"].partition("#")
        if "://" in target:
            continue
        path = (document.parent / target).resolve() if target else document
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            yield link["target"]


@_every_document
def test_every_link_leads_somewhere(document: Path) -> None:
    assert list(_broken(document, document.read_text("utf-8"))) == []


@pytest.mark.parametrize("target", ["nowhere.md", "README.md#no-such-heading", "#no-such-heading"])
def test_a_broken_link_is_noticed(target: str) -> None:
    assert list(_broken(_ROOT / "README.md", f"[words]({target})")) == [target]


def _absent(text: str) -> list[str]:
    """List the files named in a text that are neither in the repository nor in the package."""
    named = {found["path"] for found in _FILE.finditer(text)}
    return sorted(name for name in named if not _is_there(name))


def _is_there(name: str) -> bool:
    folders = (_ROOT, _PACKAGE, *(it for it in _PACKAGE.iterdir() if it.is_dir()))
    return any((folder / name).exists() for folder in folders)


# What people have elsewhere, and what the decisions say is not there yet.
_ELSEWHERE = frozenset(
    {"conda/core/solve.py", "conda/models/environment.py", "doctor.py", "export.py", "tour.py"}
    | {"etc/pipguard.toml", "pipguard.toml", "libexec/pipguard/handover.sh"}
    | {"libexec/pipguard/notice.sh", ".demo-post-link.sh", "pylock.toml", "uv.toml"}
)


@_every_document
def test_every_file_that_is_named_exists(document: Path) -> None:
    if document.name in {"CHANGELOG.md", "comparison.md"}:
        return  # they speak of files as they were, and of those that others have
    assert set(_absent(document.read_text("utf-8"))) <= _ELSEWHERE


def test_a_file_that_is_not_there_is_noticed() -> None:
    assert _absent("`guard.py`, `wheels/tags.py` and `never-there.py`") == ["never-there.py"]


def _code(text: str) -> str:
    """Take what is typed in a document; `git clone … pipguard` names no verb."""
    typed = (command.typed for fence in _typed(text) for command in fence.commands)
    return "\n".join([*(it for it in typed if "git " not in it), *re.findall(r"`[^`\n]+`", text)])


def _typed(text: str) -> list[Fence]:
    return [fence for fence in fences(text) if fence.is_typed]


@_every_document
def test_every_verb_that_is_named_exists(document: Path) -> None:
    typed = _COMMAND.findall(_code(document.read_text("utf-8")))
    assert set(typed) <= {*VERBS, "help"}


@_every_document
def test_every_option_that_is_typed_exists(document: Path) -> None:
    sections, unknown = _sections(_page("verbs")), []
    code = _code(document.read_text("utf-8"))
    typed = re.findall(r"^`?pipguard ([^`#\n]+)", code, re.MULTILINE)
    for verb, *words in map(str.split, typed):
        if verb in sections and verb not in _OPTIONS_OF_TOOLS:
            known = {*_first_cells(sections[verb]), "-p", "-n", "--prefix", "--name"}
            unknown += [word for word in words if re.match(r"--?[a-z]", word) and word not in known]
    assert unknown == []


def test_the_readme_has_a_command_on_its_first_screen() -> None:
    lines = (_ROOT / "README.md").read_text("utf-8").splitlines()
    fence = next(at for at, line in enumerate(lines) if line.startswith("```"))
    assert fence + 2 <= _FIRST_COMMAND


@_every_document
def test_every_fence_says_its_language(document: Path) -> None:
    """Those of a shell are then run by `e2e/test_typed_docs.py`, or say why not."""
    read = list(fences(document.read_text("utf-8")))
    assert [it for it in read if it.language not in SHELLS | OTHERS] == []
    assert len(read) * 2 == len(re.findall(r"^ *```", document.read_text("utf-8"), re.MULTILINE))


@_every_document
def test_only_what_is_typed_says_why_it_is_not_run(document: Path) -> None:
    text = document.read_text("utf-8")
    assert [it for it in fences(text) if it.reason and not it.is_typed] == []
    reasons = [it.reason for it in fences(text) if it.reason is not None]
    assert len(reasons) == text.count("<!-- not run")
    assert all(len(reason.split()) > 1 for reason in reasons)


def test_a_session_is_read_as_commands_and_what_they_print() -> None:
    text = "## A\n\n- b\n\n  ```console\n  $ one \\\n    two\n  said\n  $ three\n  ```\n"
    (fence,) = fences(text)
    assert (fence.heading, fence.language, fence.reason) == ("A", "console", None)
    assert fence.commands == (Command("one   two", ("said",)), Command("three"))


def test_lines_to_type_are_read_without_remarks_and_with_the_reason_why_they_are_not_run() -> None:
    (fence,) = fences("<!-- not run: needs Docker -->\n\n```bash\n# first\none\n\ntwo\n```\n")
    assert fence.commands == (Command("one"), Command("two"))
    assert fence.reason == "needs Docker"


@pytest.mark.parametrize(
    ("printed", "is_told"),
    [
        ("a\nb\n", True),
        ("a 1 z\nx\ny\nb\n", False),
        ("a 1 z\nb\n", False),
        ("a\nx\nb\n", False),
    ],
)
def test_what_is_printed_is_held_against_what_is_told(printed: str, *, is_told: bool) -> None:
    assert bool(re.fullmatch(told(("a", "b")), printed)) == is_told


@pytest.mark.parametrize(
    ("printed", "is_told"),
    [("a 1 z\nb\n", True), ("a 1 z\nx\ny\nb\n", True), ("a 1\nb\n", False), ("a z\n", False)],
)
def test_what_is_left_out_may_be_anything(printed: str, *, is_told: bool) -> None:
    assert bool(re.fullmatch(told(("a…z", "…", "b")), printed)) == is_told


def _rows(text: str) -> list[str]:
    return re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)


def test_every_reason_has_its_row_and_its_words() -> None:
    rows = _rows((_ROOT / "docs/reference/reasons.md").read_text("utf-8"))
    assert len(rows) == len(set(rows))
    assert set(rows) == {reason.value for reason in Reason} == set(REASONS)


def test_every_override_has_its_row_and_its_words() -> None:
    rows = _rows((_ROOT / "docs/reference/overrides.md").read_text("utf-8"))
    kinds = {*(kind.value for kind in Weakening), *(f"guard-{kind.value}" for kind in FaultKind)}
    assert len(rows) == len(set(rows))
    assert set(rows) == kinds == set(OVERRIDES)


@pytest.mark.parametrize(("words", "catalogue"), [(Kind, FINDINGS), (Fix, FIXES)])
def test_every_word_of_the_doctor_has_its_row_and_its_words(
    words: type[Kind | Fix], catalogue: dict[str, str]
) -> None:
    heading = {Kind: "## Kinds", Fix: "## Fixes"}[words]
    text = (_ROOT / "docs/reference/doctor.md").read_text("utf-8")
    rows = _rows(text.partition(heading)[2].partition("\n## ")[0])
    assert rows == [word.value for word in words]
    assert set(rows) == set(catalogue)


def test_everything_that_can_be_wrong_with_a_wheel_has_its_place() -> None:
    text = (_ROOT / "docs/reference/conversion.md").read_text("utf-8")
    listed = re.findall(
        r"`([a-z0-9-]+)`", "".join(re.findall(r"^\| (`.+?) \|", text, re.MULTILINE))
    )
    kinds = {kind.value for kind in Cleanable}
    of_wheels = "conda- data- dist- entry- extra- member- metadata- record- require version- wheel-"
    known = {it for it in PROBLEMS if it.startswith(tuple(of_wheels.split()))}
    assert len(listed) == len(set(listed))
    assert set(listed) == known | kinds


def test_every_option_of_uv_has_its_place() -> None:
    text = (_ROOT / "docs/reference/uv-options.md").read_text("utf-8")
    assert [it.name for it in OPTIONS if f"`{it.name}`" not in text] == []


def test_every_page_has_its_place_on_the_site() -> None:
    nav = (_ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:\n")[2]
    pages = re.findall(r"- (?:.+: )?(\S+\.md)$", nav, re.MULTILINE)
    docs = {str(path.relative_to(_ROOT / "docs")) for path in (_ROOT / "docs").rglob("*.md")}
    assert len(pages) == len(set(pages))
    assert set(pages) == docs | {"CONTRIBUTING.md", "CHANGELOG.md"}


@_every_document
def test_no_document_names_a_place_of_one_machine(document: Path) -> None:
    assert not re.search(r"/(?:tmp|work|root|home/\w+)/", document.read_text("utf-8"))


_VARIABLE = re.compile(r"\bPIPGUARD_[A-Z]+(?:_[A-Z]+)*\b")
_THOSE_OF_TOOLS = frozenset({"pip", "uv"})  # their words, `--help` among them, are the tools'
_OPTIONS_OF_TOOLS = _THOSE_OF_TOOLS | {"explain"}


def _page(name: str) -> str:
    return (_ROOT / "docs/reference" / f"{name}.md").read_text("utf-8")


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## `?(.+?)`?$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _first_cells(text: str) -> list[str]:
    cells = re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def test_every_verb_has_its_section_in_the_order_of_the_help() -> None:
    assert tuple(_sections(_page("verbs"))) == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_the_examples_of_its_help_and_every_option_its_row(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    section = _sections(_page("verbs"))[verb]
    assert [command for command, _ in EXAMPLES[verb] if command not in section] == []
    if verb in _THOSE_OF_TOOLS:
        return
    with pytest.raises(SystemExit):
        import_module(f"pipguard.verbs.{verb}").run(["--help"])
    _, _, listed = capsys.readouterr().out.partition("\noptions:\n")
    options = set(re.findall(r"^  (?:-\w.*?, )?(--[a-z-]+)", listed, re.MULTILINE))
    common = {"--help", "--name"} | ({"--prefix"} if verb != "create" else set())
    assert {it for it in _first_cells(section) if it.startswith("--")} == options - common


def test_every_variable_of_the_code_is_documented_and_no_other() -> None:
    sources = [*(_ROOT / "pipguard").rglob("*.py"), *(_ROOT / "activate.d").iterdir()]
    used = {it for path in sources for it in _VARIABLE.findall(path.read_text("utf-8"))}
    page = _page("environment-variables")
    assert {it for it in _first_cells(page) if it.startswith("PIPGUARD_")} == used


@pytest.mark.parametrize(("verb", "document"), [("status", Status), ("history", Past)])
def test_every_key_of_the_documents_is_documented(verb: str, document: type) -> None:
    keys = [it.name for it in fields(document)]
    section = _sections(_page("json"))[verb]
    cells = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    assert sorted(re.findall(r"`([^`]+)`", "".join(cells))) == sorted(keys)
    if document is Status:
        inner = [it.name for it in (*fields(DistStatus), *fields(Kept))]
        assert [name for name in inner if f"`{name}`" not in section] == []


def test_every_exit_code_is_documented() -> None:
    raised = {
        it.exit_code
        for it in vars(errors).values()
        if isinstance(it, type) and issubclass(it, errors.PipguardError)
    }
    documented = {int(cell) for cell in _first_cells(_page("exit-codes"))}
    not_found = 127
    assert documented == raised | {0, cli._UNEXPECTED, cli._INTERRUPTED, not_found}


def test_every_setting_of_a_policy_is_documented() -> None:
    sections = _sections(_page("policy"))
    tables = {name.strip("[]") for name in sections if name.startswith("[")}
    assert set(_first_cells(sections["Top level"])) | tables == _TOP_LEVEL
    assert set(_first_cells(sections["[packages]"])) == {it.value for it in Choice}
    assert set(_first_cells(sections["[limits]"])) == _LIMITS
    assert [it.value for it in Prefer if f"`{it.value}`" not in sections["Top level"]] == []


def test_the_example_of_a_policy_is_one() -> None:
    text = _page("policy").partition("```toml\n")[2].partition("```")[0]
    policy, problems = examine(text, "the page")
    assert problems == ()
    assert policy.packages
    assert policy.names


def test_every_tool_of_the_comparison_says_which_version_and_when_it_was_looked_at() -> None:
    text = (_ROOT / "docs/comparison.md").read_text("utf-8")
    tools = re.findall(r"^\| ([\w-]+) \| \[\d+\.\d+\.\d+\]\(https://\S+\)", text, re.MULTILINE)
    assert set(tools) == {"conda-pypi", "pixi", "conda-lock", "mamba", "uv", "conda"}
    assert re.search(r"looked at on \*\*\d{4}-\d\d-\d\d\*\*", text)


def test_what_is_compared_is_read_at_a_commit_or_a_release() -> None:
    text = (_ROOT / "docs/comparison.md").read_text("utf-8")
    links = re.findall(r"\]\((https://[^)]+)\)", text)
    fixed = re.compile(r"/(?:blob|tree)/[0-9a-f]{40}|/\d+\.\d+\.\d+/$|/issues/\d+$")
    assert [link for link in links if not fixed.search(link)] == []
