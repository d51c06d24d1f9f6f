"""`pipguard convert`: wheels to `.conda` packages, without installing anything."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipguard.errors import ConversionError
from pipguard.messages import HELP
from pipguard.prefix import Prefix
from pipguard.problems import Problem
from pipguard.seams import Reporter
from pipguard.sources import limits_of, names_of, settle
from pipguard.storage import files_are_told_of
from pipguard.terminal import Terminal, said
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of
from pipguard.wheels.batch import Progress, convert_all
from pipguard.wheels.channel import LocalChannel, StoredPackage
from pipguard.wheels.inspection import Conversion
from pipguard.wheels.loose import LooseWheel, Surroundings, conversions_of, left_open, look_at
from pipguard.wheels.package import ConvertedPackage, convert


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of one wheel."""

    package: ConvertedPackage | StoredPackage
    warnings: tuple[Problem, ...]


_Outcome = dict[Path, _Made | ConversionError]


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("convert")
    add_json(made)
    made.add_argument("wheels", nargs="+", type=Path, metavar="WHEEL", help=HELP["WHEEL"])
    made.add_argument(
        "-o", "--output", required=True, type=Path, metavar="DIR", help=HELP["--output"]
    )
    made.add_argument("--as-channel", action="store_true", help=HELP["--as-channel"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; 1 where a wheel was refused."""
    parsed = parser().parse_args(arguments)
    terminal = Terminal()
    with files_are_told_of():
        outcome = _convert(parsed, Prefix(chosen_prefix(parsed)), terminal)
    refused = [found for found in outcome.values() if isinstance(found, ConversionError)]
    if parsed.json:
        terminal.json(_document(outcome))
        return int(bool(refused))
    for wheel, found in outcome.items():
        if not isinstance(found, ConversionError):
            terminal.warned(found.warnings)
            terminal.told("converted-to", wheel=wheel.name, package=found.package.path)
    if refused:
        raise ConversionError(tuple(each for error in refused for each in error.problems))
    return 0


def _convert(parsed: argparse.Namespace, prefix: Prefix, reporter: Reporter) -> _Outcome:
    settled = settle(prefix)
    paths = [path.absolute() for path in dict.fromkeys(parsed.wheels)]
    looked: dict[Path, LooseWheel | ConversionError] = {path: _look(path) for path in paths}
    wheels = [each for each in looked.values() if isinstance(each, LooseWheel)]
    surroundings = Surroundings(
        target=prefix.target,
        dists=prefix.dists(),
        conda_name=names_of(prefix, settled, reporter).likeliest,
        limits=limits_of(settled.settings.policy),
    )
    conversions = conversions_of(wheels, surroundings)
    output = parsed.output.absolute()
    work = LocalChannel(output).convert_all if parsed.as_channel else partial(_into, output)
    outcome: _Outcome = {
        path: each for path, each in looked.items() if isinstance(each, ConversionError)
    }
    made = work(conversions, reporter.progress)
    for wheel, conversion, found in zip(wheels, conversions, made, strict=True):
        if isinstance(found, ConversionError):
            outcome[wheel.path] = found
        else:
            warnings = (*found.warnings, *left_open(wheel, conversion))
            outcome[wheel.path] = _Made(found, warnings)
    return {path: outcome[path] for path in paths}


def _look(path: Path) -> LooseWheel | ConversionError:
    try:
        return look_at(path)
    except ConversionError as error:
        return error


def _into(
    folder: Path, conversions: Sequence[Conversion], progress: Progress
) -> tuple[ConvertedPackage | ConversionError, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    return convert_all(lambda each, watch: convert(each, folder, watch), conversions, progress)


def _document(outcome: _Outcome) -> dict[str, Any]:
    converted, refused = [], []
    for wheel, found in outcome.items():
        if isinstance(found, ConversionError):
            refused.append({"wheel": str(wheel), "problems": list(map(said, found.problems))})
            continue
        index = found.package.index
        converted.append(
            {
                "wheel": str(wheel),
                "package": str(found.package.path),
                "subdir": index.subdir,
                "depends": list(index.depends),
                "warnings": list(map(said, found.warnings)),
            }
        )
    return {"converted": converted, "refused": refused}
