"""A local channel served to others is one of their channels (docs/how-to/share-packages.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import IndexServer
from surroundings import Guarded


def test_what_a_colleague_has_converted_is_linked_and_not_converted_again(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    guarded.offer("alpha", requires=["beta"], entry_points=["alpha = alpha:main"])
    guarded.offer("beta")
    guarded.offer("acme-tool")  # a name that PyPI has not
    guarded.variables["PIPGUARD_CHANNEL"] = str(theirs)
    guarded.installs("alpha", "acme-tool")
    made = {path.name for path in theirs.glob("*/*.conda")}
    assert len(made) == 3
    guarded.pip("uninstall", "-y", "alpha", "beta", "acme-tool")

    with IndexServer(theirs) as server:
        condarc = tmp_path / "condarc"
        condarc.write_text(f"{condarc.read_text()}  - {server.url}\n")
        monkeypatch.setenv("PIPGUARD_CHANNEL", str(ours))
        guarded.variables.update(PIPGUARD_CHANNEL=str(ours), PIPGUARD_CACHE_DIR=str(tmp_path / "c"))
        policy = guarded.prefix / "etc/pipguard.toml"
        policy.write_text('[packages]\n"acme-*" = "conda"\n')
        guarded.installs("alpha", "acme-tool")

    assert {Path(path).name for path in server.requests if path.endswith(".conda")} == made
    assert not list(ours.glob("*/*.conda"))
    assert guarded.sh("alpha").returncode == 0
    guarded.check()
    assert {guarded.origins()[name] for name in ("alpha", "acme-tool")} == {"converted"}
    assert guarded.reasons()["alpha"] == "conda-has-it"
    assert guarded.reasons()["acme-tool"] == "policy"
