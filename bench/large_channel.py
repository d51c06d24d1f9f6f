"""What a channel of half a million records costs: names, offers and the one solve.

Goal: 1.5 s and 400 MB. The channel of `repodata.py` is served over HTTP on loopback, and its
repodata is kept, as it is for conda; the table of names is as large as conda-forge's. What is
resolved are 60 dists, a third of which no channel has.

- "channel": a dry run, for nothing can be linked out of that channel, against the same with a
  channel of only those packages, in their newest version, that it comes down to. Memory is what the
  largest process of either held at most;
- "resolve": the same without pip, by a process of its own, as every command is one, beyond what a
  process holds that has imported what planning needs. From HTTP for the first time, kept, and from
  a folder. The note tells what it held without the pages of repodata that are mapped from the disk,
  which the system takes back when it needs them.

    python -m bench.large_channel [ROUNDS]
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

import bare
import builders
from values import candidate, plan

from bench import repodata
from bench.frame.cases import Case, alone
from bench.frame.results import Result, more
from bench.frame.stage import Stage
from bench.frame.timing import Taken, in_turn, ran
from bench.repodata import PACKAGES, VERSIONS
from pipguard.engine.channels import Channel
from pipguard.mapping.seed import SEED
from pipguard.mapping.table import MappingSettings, load_tables
from pipguard.names import NameTable
from pipguard.present import look_at
from pipguard.question import Sources
from pipguard.request import Install
from pipguard.resolution import resolve
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter

ON_PYPI = 20
SECONDS, MEGABYTES = 1.5, 400.0
SIZE = f"{PACKAGES * VERSIONS:,} records"
KEPT = "repodata and the table of names kept"
ONCE = "--once"


def written(stage: Stage) -> Path:
    """Write the channel, once; return the folder that it and the table of names are in."""
    folder = stage.folder / "large"
    if not folder.exists():
        ran([sys.executable, "-m", "bench.repodata", folder / "channel"])
        repodata.table(folder / "table.json")
    return folder


def wanted() -> tuple[list[str], dict[str, list[str]]]:
    """Choose the dists: those that conda has, and what the others need."""
    chosen = random.Random(8)  # noqa: S311 # the same each time
    there = repodata.dists()
    others = [f"only-pypi-{number}" for number in range(ON_PYPI)]
    pairs = zip(others, others[1:] + there[:1], strict=True)
    return there, {name: [f"{needed}>=1", chosen.choice(there)] for name, needed in pairs}


def channel(stage: Stage, rounds: int) -> Iterator[Result]:
    """Type a dry run, with the large channel and with the small one."""
    folder = written(stage)
    there, others = wanted()
    repodata.write_part(folder / "part", folder / "channel", there)
    local = stage.with_variables(
        PIP_INDEX_URL=index(folder), PIPGUARD_MAPPING_URL=(folder / "table.json").as_uri()
    )
    words = ("pip", "install", "--dry-run", *there, *others)
    large = local.with_channels(repodata.served(folder / "channel"))
    small = local.with_channels(repodata.served(folder / "part"))
    with large.environment(stage.caches()) as ours, small.environment(stage.caches()) as theirs:
        sides = {"ours": lambda: ours.weighs(*words), "theirs": lambda: theirs.weighs(*words)}
        found = in_turn(rounds, sides)
    title = f"resolve {len(words) - 3} dists, channel of {SIZE}"
    compared = more(found["ours"], found["theirs"])
    yield Result("channel", title, "small channel", goal=SECONDS, caches=KEPT, **compared)
    grown = found["ours"].middle.memory - found["theirs"].middle.memory
    memory = compared | {"figure": grown, "unit": "MB", "processor": None}
    yield Result("memory", f"{title}, memory", "small channel", goal=MEGABYTES, **memory)


def index(folder: Path) -> str:
    """Write an index of the dists, so that pip can plan them."""
    there, others = wanted()
    wheels = [builders.wheel(folder / "wheels", name, repodata.NEWEST) for name in there]
    for name, requires in others.items():
        wheels.append(builders.wheel(folder / "wheels", name, requires=requires))
    return builders.simple_index(folder / "index", wheels)


def resolving(stage: Stage, rounds: int) -> Iterator[Result]:
    """Resolve in processes of their own; the first one reads the channel and is told apart."""
    folder = written(stage)
    addresses = {
        "HTTP": repodata.served(folder / "channel"),
        "a folder": (folder / "channel").as_uri(),
    }
    for kind, url in addresses.items():
        command = [sys.executable, "-m", "bench.large_channel", ONCE, url, str(folder)]
        found = [json.loads(output(command)) for _ in range(rounds + 1)]
        yield from resolved(f"{kind}, the first time", found[:1])
        yield from resolved(f"{kind}, kept", found[1:])


def resolved(kind: str, found: list[dict[str, float]]) -> Iterator[Result]:
    middle = {key: median(each[key] for each in found) for key in found[0]}
    before = imported()
    taken = Taken(middle["clock"], middle["processor"], middle["most"])
    yield Result(
        case="resolve",
        title=f"resolve without pip, {SIZE} from {kind}",
        against="nothing",
        figure=taken.clock,
        processor=taken.processor,
        unit="s",
        goal=SECONDS,
        ours=taken,
        rounds=len(found),
        note=(
            f"{middle['solves']:.0f} solve, {middle['packages']:.0f} packages, "
            f"{middle['conda']:.0f} of {repodata.DISTS} dists from conda"
        ),
    )
    yield Result(
        case="resolve",
        title=f"the same, memory, {kind}",
        against="imports alone",
        figure=middle["most"] - before["most"],
        unit="MB",
        goal=MEGABYTES,
        rounds=len(found),
        note=f"{kind}: without mapped pages {middle['own'] - before['own']:.0f} MB",
    )


def output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# The process that is measured


def resolve_once(url: str, folder: Path) -> Mapping[str, float]:
    """Plan the dists of this channel, resolve them, and tell what that took."""
    there, needs = wanted()
    made = plan(
        *(candidate(name, repodata.NEWEST, asked=name) for name in there),
        *(candidate(name, requires=requires, asked=name) for name, requires in needs.items()),
    )
    prefix = bare.prefix(folder / f"env-{os.getpid()}")
    start, started = time.perf_counter(), time.process_time()
    mapping = MappingSettings(folder / "names", url=(folder / "table.json").as_uri())
    names = NameTable(SEED, tables=load_tables((), mapping).tables)
    engine = bare.Engine(prefix, [Channel(url, url, url)], folder / "cache")
    converter = LocalConverter(LocalChannel(folder / "local"), prefix.path)
    sources = Sources(engine, names, converter, prefix)
    resolution = resolve(Install(), made, look_at(prefix), sources)
    clock, processor = time.perf_counter() - start, time.process_time() - started
    return {
        "clock": clock,
        "processor": processor,
        "solves": engine.solves,
        "packages": len(resolution.solution.records),
        "conda": sum(decision.route == "conda" for decision in resolution.decisions),
        **memory(Path("/proc/self/status").read_text("ascii")),
    }


def memory(status: str) -> dict[str, float]:
    """Read what a process has held at most, and holds by itself, in MB."""
    found = {key: rest.split() for key, _, rest in (it.partition(":") for it in status.split("\n"))}
    return {"most": int(found["VmHWM"][0]) / 1000, "own": int(found["RssAnon"][0]) / 1000}


def imported() -> dict[str, float]:
    """Tell what a process holds that has imported what planning needs."""
    code = "import pipguard.session, pipguard.plan; print(open('/proc/self/status').read())"
    return memory(output([sys.executable, "-c", code]))


PROMISED = (Case(("channel", "memory"), channel, rounds=5),)
PARTS = (Case(("resolve",), resolving, rounds=5),)

if __name__ == "__main__":
    if sys.argv[1:2] == [ONCE]:
        print(json.dumps(resolve_once(sys.argv[2], Path(sys.argv[3]))))
        sys.stdout.flush()
        os._exit(0)  # for py-rattler's threads
    alone((*PROMISED, *PARTS))
