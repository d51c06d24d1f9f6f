"""What a channel of half a million records costs: names, offers and the one solve.

Goal: 1.5 s and 400 MB beyond what planning takes. The channel has 25,000 packages in twenty
versions each, with the dependencies of ordinary ones; the table of names is as large as
conda-forge's. A plan of 60 dists, a third of which no channel has, is resolved by a process of its
own, as every command is one. The channel is served over HTTP, from which `repodata.json.zst` is
read once; or it is a folder with `repodata.json`.

Seconds are those of the clock, and of the processor in brackets, without imports, which are done
while pip plans. Memory is what the process held at most beyond what a process holds that has
imported what planning needs; in parentheses without the pages of repodata that are mapped from the
disk, which the system takes back when it needs them.

    python bench/large_channel.py [RUNS]
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import bare
from values import candidate, plan

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

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKAGES, VERSIONS = 25_000, 20
LIBRARIES = 400
ON_CONDA, ON_PYPI = 40, 20


def name_of(number: int) -> str:
    return f"package-{number:05}"


def entries(subdir: str, chosen: random.Random) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the packages of one platform folder: libraries and half of the rest are compiled."""
    for number in range(PACKAGES):
        compiled = number < LIBRARIES or number % 2 == 0
        if compiled == (subdir == "noarch"):
            continue
        needs = dependencies(number, chosen)
        for version in range(VERSIONS):
            build = f"h{number:07x}_{version}" if compiled else "pyhd8ed1ab_0"
            file_name = f"{name_of(number)}-1.{version}.0-{build}.conda"
            digest = f"{number * VERSIONS + version:064x}"
            yield file_name, {
                "build": build, "build_number": version % 3, "depends": needs, "md5": digest[:32],
                "license": "BSD-3-Clause", "license_family": "BSD", "name": name_of(number),
                "sha256": digest, "size": 10_000 + number, "subdir": subdir,
                "timestamp": 1_700_000_000_000 + version, "version": f"1.{version}.0",
                **({} if compiled else {"noarch": "python"}),
            }  # fmt: skip


def dependencies(number: int, chosen: random.Random) -> list[str]:
    """Make a recipe: libraries need a few others, everything else python, libraries and more.

    What else it needs is better known than itself, which makes closures of the usual size.
    """
    if number < LIBRARIES:
        needs = chosen.sample(range(number), min(number, 3))
        return [f"{name_of(it)} >=1.{chosen.randrange(10)},<2.0a0" for it in needs]
    needs = chosen.sample(range(LIBRARIES), 4)
    needs += [chosen.randrange(number // 6 + 1) for _ in range(3)]
    return ["python >=3.9", *(f"{name_of(it)} >=1.{chosen.randrange(10)}" for it in sorted(needs))]


def write(folder: Path) -> None:
    """Write the channel: `repodata.json` and `.zst` of both platform folders."""
    chosen = random.Random(6)  # noqa: S311 # the same channel each time
    for subdir in ("linux-64", "noarch"):
        (folder / subdir).mkdir(parents=True)
        packages = dict(entries(subdir, chosen))
        document = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages}
        raw = json.dumps(document, separators=(",", ":")).encode()
        (folder / subdir / "repodata.json").write_bytes(raw)
        (folder / subdir / "repodata.json.zst").write_bytes(zstd.compress(raw))


def table(path: Path) -> None:
    """Write a table of names of conda-forge's size, which knows the packages of the channel."""
    ships = {name_of(number): [name_of(number)] for number in range(PACKAGES)}
    libraries = {f"lib-{number:05}": None for number in range(9_000)}
    path.write_text(json.dumps({**ships, **libraries}))


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word, and no shards."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def served(folder: Path) -> str:
    """Serve a folder on loopback until the process ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


# The process that is measured


def resolve_once(url: str, folder: Path) -> dict[str, float]:
    """Plan 60 dists of this channel, resolve them, and tell what that took."""
    chosen = random.Random(7)  # noqa: S311 # the same plan each time
    there = [name_of(number) for number in chosen.sample(range(LIBRARIES, PACKAGES), ON_CONDA)]
    others = [f"only-pypi-{number}" for number in range(ON_PYPI)]
    pairs = zip(others, others[1:] + there[:1], strict=True)
    needs = {name: [f"{needed}>=1", chosen.choice(there)] for name, needed in pairs}
    made = plan(
        *(candidate(name, "1.19.0", asked=name) for name in there),
        *(candidate(name, requires=needs[name], asked=name) for name in others),
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


def planning() -> dict[str, float]:
    """Tell what a process holds that has imported what planning needs."""
    code = "import pipguard.session, pipguard.plan; print(open('/proc/self/status').read())"
    command = [sys.executable, "-c", code]
    return memory(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(url: str, folder: Path, runs: int) -> list[dict[str, float]]:
    """Resolve in processes of their own; the first one reads the channel and is told apart."""
    command = [sys.executable, __file__, "--once", url, str(folder)]
    found = []
    for _ in range(runs + 1):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout))
    return found


def main(runs: int) -> None:
    """Print one line per kind of channel."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "channel")
        table(folder / "table.json")
        size = sum(path.stat().st_size for path in (folder / "channel").glob("*/repodata.json"))
        print(f"{PACKAGES * VERSIONS} records, {size / 1e6:.0f} MB of repodata.json")
        addresses = {"http": served(folder / "channel"), "folder": (folder / "channel").as_uri()}
        for kind, url in addresses.items():
            first, *later = measured(url, folder, runs)
            print(line(f"{kind}, first time", [first]))
            print(line(f"{kind}, kept", later))


def line(kind: str, found: list[dict[str, float]]) -> str:
    middle = {key: median(each[key] for each in found) for key in found[0]}
    before = planning()
    most, own = middle["most"] - before["most"], middle["own"] - before["own"]
    return (
        f"{kind:<18} {middle['clock']:.2f} s [{middle['processor']:.2f}], {most:.0f} MB "
        f"({own:.0f}); {middle['solves']:.0f} solve, {middle['packages']:.0f} packages, "
        f"{middle['conda']:.0f} of {ON_CONDA} dists from conda"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        print(json.dumps(resolve_once(sys.argv[2], Path(sys.argv[3]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    sys.stdout.flush()
    os._exit(0)
