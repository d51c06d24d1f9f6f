"""What `pipguard status` takes in a big environment.

Goals: 300 packages with 50,000 files in 0.5 s, 1,000 packages in 1.5 s. The records are as large as
those of real packages: path, sha256, size and type of every file.

    python bench/status.py [RUNS]
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
SIZES = ((300, 50_000, 0.5), (1000, 60_000, 1.5))
CHANNEL = "https://conda.anaconda.org/conda-forge"


def fill(prefix: Path, packages: int, files: int) -> None:
    """Put packages into an environment, by their records and their dists' metadata."""
    (site,) = prefix.glob("lib/python3.*/site-packages")
    for number in range(packages):
        name = f"package-{number:04}"
        info = site / f"package_{number:04}-1.{number}.dist-info"
        info.mkdir()
        description = f"{name} does what its name says.\n" * 400
        headers = "".join(f"Requires-Dist: package-{other:04}>=1\n" for other in range(8))
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}\n{headers}\n{description}"
        )
        (info / "INSTALLER").write_text("conda\n")
        inside = info.relative_to(prefix).parent.as_posix()
        paths = [f"{inside}/{info.name}/{part}" for part in ("METADATA", "INSTALLER")]
        paths += [f"{inside}/{name}/module_{each}.py" for each in range(files // packages - 2)]
        record(prefix / "conda-meta", name, f"1.{number}", paths)


def record(conda_meta: Path, name: str, version: str, paths: list[str]) -> None:
    """Write the record of one package."""
    document = {
        "name": name, "version": version, "build": "pyhd8ed1ab_0", "build_number": 0,
        "subdir": "noarch", "channel": f"{CHANNEL}/noarch", "fn": f"{name}.conda",
        "url": f"{CHANNEL}/noarch/{name}.conda", "depends": ["python >=3.9"], "files": paths,
        "paths_data": {"paths_version": 1, "paths": list(map(entry, paths))},
    }  # fmt: skip
    file = conda_meta / f"{name}-{version}-pyhd8ed1ab_0.json"
    file.write_text(json.dumps(document, indent=2))


def entry(path: str) -> dict[str, object]:
    """Describe one file as a record does."""
    digest = hashlib.sha256(path.encode()).hexdigest()
    return {
        "_path": path, "path_type": "hardlink", "sha256": digest, "sha256_in_prefix": digest,
        "size_in_bytes": len(path),
    }  # fmt: skip


def timed(command: list[str]) -> tuple[float, float]:
    """Return the seconds that a command takes: on the clock, and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    """Print one line per size."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for packages, files, goal in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            channel = Path(folder) / "channel"
            thin_python.make(channel)
            thin_python.make_pip(channel)
            prefix = builders.environment(Path(folder) / "env", channel).prefix
            fill(prefix, packages, files)
            command = [str(PIPGUARD), "status", "-p", str(prefix)]
            times = [timed(command) for _ in range(runs + 1)][1:]
            clock, processor = (median(each) for each in zip(*times, strict=True))
            print(
                f"{packages} packages, {files} files: {clock:.2f} s, of the processor "
                f"{processor:.2f} s ({goal})"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    sys.stdout.flush()
    os._exit(0)
