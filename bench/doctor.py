"""What `pipguard doctor` takes in an environment of 300 packages and 50,000 files, warm.

Goal: 3 s. The files are there, as large as those of real packages, and as old: what size and date
settle is not hashed. `--full` hashes everything, and so is every file of a package of which one was
altered. `status`, whose goal is 0.5 s, is in `bench/status.py`.

    python bench/doctor.py [RUNS]
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import builders

from pipguard.tour import thin_python

PIPGUARD = Path(sys.executable).parent / "pipguard"
PACKAGES, FILES, GOAL = 300, 50_000, 3.0
ALTERED = 50
CHANNEL = "https://conda.anaconda.org/conda-forge"
# The median file of site-packages is of some kilobytes.
TEXT = "def answer() -> int:\n    return 42\n" * 120
LONG_AGO = 1_600_000_000


def fill(prefix: Path) -> None:
    """Put packages into an environment: files, metadata, records."""
    (site,) = prefix.glob("lib/python3.*/site-packages")
    inside = site.relative_to(prefix).as_posix()
    for number in range(PACKAGES):
        name, version = f"package_{number:04}", f"1.{number}"
        info = f"{inside}/{name}-{version}.dist-info"
        modules = [f"{inside}/{name}/module_{each}.py" for each in range(FILES // PACKAGES - 3)]
        texts = {path: f"# {path}\n{TEXT}" for path in modules}
        texts[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        texts[f"{info}/INSTALLER"] = "conda\n"
        rows = (f"{path.removeprefix(inside + '/')},,\n" for path in texts)
        texts[f"{info}/RECORD"] = "".join(rows)
        for path, text in texts.items():
            write(prefix / path, text)
        record(prefix / "conda-meta", name.replace("_", "-"), version, texts)


def write(path: Path, text: str) -> None:
    """Write a file as it lay in its package, long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (LONG_AGO, LONG_AGO))


def record(conda_meta: Path, name: str, version: str, texts: dict[str, str]) -> None:
    """Write the record of one package."""
    document = {
        "name": name, "version": version, "build": "pyhd8ed1ab_0", "build_number": 0,
        "subdir": "noarch", "channel": f"{CHANNEL}/noarch", "fn": f"{name}.conda",
        "url": f"{CHANNEL}/noarch/{name}.conda", "depends": ["python >=3.9"],
        "timestamp": (LONG_AGO + 1) * 1000, "files": list(texts),
        "paths_data": {"paths_version": 1, "paths": [entry(*item) for item in texts.items()]},
    }  # fmt: skip
    file = conda_meta / f"{name}-{version}-pyhd8ed1ab_0.json"
    file.write_text(json.dumps(document, indent=2))


def entry(path: str, text: str) -> dict[str, object]:
    """Describe one file as a record does."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {
        "_path": path, "path_type": "hardlink", "sha256": digest, "sha256_in_prefix": digest,
        "size_in_bytes": len(text),
    }  # fmt: skip


def alter(prefix: Path) -> int:
    """Append to one file of every so many packages; return of how many."""
    chosen = sorted(prefix.glob("lib/python3.*/site-packages/*/module_0.py"))[::ALTERED]
    for path in chosen:
        path.write_text(path.read_text() + "debugging = True\n")
    return len(chosen)


def timed(prefix: Path, runs: int, *options: str, found: int = 0) -> str:
    """Tell the median of runs, the first one left out: on the clock, and of the processor."""
    command = [str(PIPGUARD), "doctor", "--json", *options, "-p", str(prefix)]
    times = []
    for _ in range(runs + 1):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True)
        clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        told = len(json.loads(done.stdout)["findings"])
        if told != found:
            sys.exit(f"{told} findings instead of {found}: {done.stderr.decode()}")
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        times.append((clock, spent))
    clock, spent = (median(each) for each in zip(*times[1:], strict=True))
    return f"{clock:.2f} s, of the processor {spent:.2f} s"


def main(runs: int) -> None:
    """Print one line per case."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        channel = Path(folder) / "channel"
        thin_python.make(channel)
        thin_python.make_pip(channel)
        prefix = builders.environment(Path(folder) / "env", channel).prefix
        fill(prefix)
        size = f"{PACKAGES} packages, {FILES} files"
        print(f"{size}: {timed(prefix, runs)} ({GOAL})")
        print(f"{size}, --full: {timed(prefix, runs, '--full')}")
        altered = alter(prefix)
        print(f"{size}, {altered} altered: {timed(prefix, runs, found=altered)} ({GOAL})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    sys.stdout.flush()
    os._exit(0)
