"""Which conda packages a distribution depends on, in one environment.

Pure. conda has no markers and no extras, so both are settled here: markers are evaluated for the
target, extras of dependencies are folded in from the metadata of the same plan, and where another
python would have decided otherwise, the package is bound to the pythons that agree. Start at
`resolve`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pipguard.errors import ConversionError
from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.problems import Problem
from pipguard.target import Target
from pipguard.wheels.core import CoreMetadata
from pipguard.wheels.specifiers import in_order, match_spec, to_conda

_PYTHON_MARKER = re.compile(r"\b(python_version|python_full_version|implementation_version)\b")
_PLATFORM_MARKER = re.compile(
    r"\b(os_name|sys_platform|platform_machine|platform_release|platform_system"
    r"|platform_version|platform_python_implementation|implementation_name)\b"
)
_EXTRA_MARKER = re.compile(r"\bextra\b")
_PYTHON_NUMBER = re.compile(r"\b3\.(\d{1,9})(?:\.(\d{1,9}))?(?!\d)")
_EACH_MINOR_TO = 64
"""Beyond it only those that somebody has named are asked about."""
_DEEPEST = 100

Python = tuple[int, int]
"""Minor and micro of a python 3."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What the caller knows about the other distributions of this run.

    Attributes:
        names: conda names from verified providers; a name not in here is its own conda name.
        versions: the exact version of each dist of the plan, for `name @ url` requirements.
        extras: metadata of dists of the plan, from which extras are folded in.
    """

    names: Mapping[PyPIName, CondaName] = field(default_factory=dict)
    versions: Mapping[PyPIName, str] = field(default_factory=dict)
    extras: Mapping[PyPIName, CoreMetadata] = field(default_factory=dict)

    def conda(self, name: str) -> CondaName:
        """Give the conda name of a project, however its name is written."""
        known = pypi_name(name)
        return self.names.get(known, CondaName(known))


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a distribution depends on in the target.

    Attributes:
        specs: MatchSpecs, in the order of Requires-Dist, without python itself.
        least: the lowest python that decides every marker as the target's does, as a PEP 440
            clause, or "" where Requires-Python comes first.
        below: likewise the lowest python above the target's that decides otherwise.
        by_platform: whether a marker about the platform was asked, so that the package holds for
            this platform only.
    """

    specs: tuple[str, ...]
    least: str
    below: str
    by_platform: bool


@dataclass(frozen=True, slots=True)
class _Question:
    """A requirement, and the extra under which its marker is asked."""

    requirement: Requirement
    extra: str
    owner: PyPIName

    def holds(self, markers: Mapping[str, str]) -> bool:
        marker = self.requirement.marker
        return marker is None or marker.evaluate({**markers, "extra": self.extra})

    @property
    def marker(self) -> str:
        """The marker, or "" where it cannot matter: it asks for an extra that nobody wants."""
        text = str(self.requirement.marker or "")
        return text if self.extra or not _EXTRA_MARKER.search(text) else ""


def resolve(
    metadata: CoreMetadata, requires_python: SpecifierSet, target: Target, naming: Naming
) -> Dependencies:
    """Settle markers and extras for the target.

    Args:
        metadata: of the distribution itself.
        requires_python: every python it may run on, the demand of its tags included.
        target: the environment.
        naming: the rest of the run.

    Raises:
        ConversionError: `requires-dist-invalid` for every Requires-Dist that is not PEP 508.
    """
    questions = _questions(metadata, target, naming)
    least, below = _agreeing(questions, requires_python, target)
    own = pypi_name(metadata.name)
    specs = [
        _spec(question.requirement, naming)
        for question in questions
        if pypi_name(question.requirement.name) not in (own, question.owner)
        and question.holds(target.markers)
    ]
    by_platform = any(_PLATFORM_MARKER.search(question.marker) for question in questions)
    return Dependencies(tuple(dict.fromkeys(specs)), least, below, by_platform)


def _questions(metadata: CoreMetadata, target: Target, naming: Naming) -> list[_Question]:
    """Collect every requirement to be asked, folding the extras of those that hold (PEP 508)."""
    own = pypi_name(metadata.name)
    known = {**naming.extras, own: metadata}
    pending = [(own, "")]
    questions: list[_Question] = []
    for name, extra in pending:  # grows while it is walked, once per dist and extra
        for requirement in _requirements(known[name], target):
            question = _Question(requirement, extra, name)
            if extra and not _under_extra(question, target):
                continue
            questions.append(question)
            other = pypi_name(requirement.name)
            if other in known and question.holds(target.markers):
                wanted = ((other, canonicalize_name(each)) for each in sorted(requirement.extras))
                pending.extend(each for each in wanted if each not in pending)
    return questions


def _under_extra(question: _Question, target: Target) -> bool:
    """Tell the requirements of an extra from those its package has anyway."""
    marker = question.requirement.marker
    if marker is None or not _EXTRA_MARKER.search(str(marker)):
        return False
    return not marker.evaluate({**target.markers, "extra": ""})


def _requirements(metadata: CoreMetadata, target: Target) -> tuple[Requirement, ...]:
    parsed = [(text, _requirement(text, target)) for text in metadata.requires_dist]
    wheel = f"{metadata.name} {metadata.version}"
    problems = tuple(
        Problem(wheel, "requires-dist-invalid", "METADATA", text)
        for text, requirement in parsed
        if requirement is None
    )
    if problems:
        raise ConversionError(problems)
    return tuple(requirement for _, requirement in parsed if requirement is not None)


def _requirement(text: str, target: Target) -> Requirement | None:
    """Read one Requires-Dist; None where PEP 508, python or conda cannot express it.

    Numbers of thousands of digits, brackets as deep, comparisons that are none: packaging has
    errors of many kinds for those.
    """
    if text.count("(") > _DEEPEST:
        return None
    try:
        requirement = Requirement(text)
        to_conda(str(requirement.specifier))
        if requirement.marker:
            requirement.marker.evaluate({**target.markers, "extra": ""})
    except (ValueError, RecursionError, UndefinedEnvironmentName):
        return None
    return requirement


def _spec(requirement: Requirement, naming: Naming) -> str:
    name = pypi_name(requirement.name)
    specifier = in_order(requirement.specifier)
    if requirement.url and name in naming.versions:
        specifier = f"=={naming.versions[name]}"
    return match_spec(naming.conda(name), specifier)


def _agreeing(
    questions: list[_Question], requires_python: SpecifierSet, target: Target
) -> tuple[str, str]:
    """Walk from the target's python down and up while every marker stays decided as it is.

    A bound is named only where pythons beyond it are possible at all.
    """
    asked = [question for question in questions if _PYTHON_MARKER.search(question.marker)]
    if not asked:
        return "", ""
    numbers = " ".join([*(question.marker for question in asked), str(requires_python)])
    here = _here(target)
    points = [it for it in set(_points(numbers, here)) if _allows(requires_python, it)]
    decided = _outcome(asked, target, target.python)
    least, below = "", ""
    lowest = here
    for point in sorted((point for point in points if point < here), reverse=True):
        if _outcome(asked, target, _text(point)) != decided:
            least = f">={_short(lowest)}"
            break
        lowest = point
    for point in sorted(point for point in points if point > here):
        if _outcome(asked, target, _text(point)) != decided:
            below = f"<{_short(point)}"
            break
    return least, below


def _outcome(asked: list[_Question], target: Target, python: str) -> tuple[bool, ...]:
    minor = ".".join(python.split(".")[:2])
    markers = {
        **target.markers,
        "python_version": minor,
        "python_full_version": python,
        "implementation_version": python,
    }
    return tuple(question.holds(markers) for question in asked)


def _points(numbers: str, here: Python) -> Iterator[Python]:
    """Name one python of each stretch in which no comparison with these numbers can change."""
    highest = here[0]
    for match in _PYTHON_NUMBER.finditer(numbers):
        minor = int(match[1])
        highest = max(highest, min(minor, _EACH_MINOR_TO))
        yield from ((minor, 0), (minor + 1, 0))
        if match[2]:
            yield minor, int(match[2])
            yield minor, int(match[2]) + 1
    yield from ((minor, 0) for minor in range(highest + 2))


def _allows(requires_python: SpecifierSet, point: Python) -> bool:
    return requires_python.contains(_text(point), prereleases=True)


def _here(target: Target) -> Python:
    _, minor, micro, *_ = target.python.split(".")
    found = re.match(r"\d+", micro)
    return int(minor), int(found[0]) if found else 0


def _text(point: Python) -> str:
    return f"3.{point[0]}.{point[1]}"


def _short(point: Python) -> str:
    return _text(point) if point[1] else f"3.{point[0]}"
