"""What `--fix` refuses to touch."""

from __future__ import annotations

import pytest
from place import Place

from pipguard.doctor.findings import Kind
from pipguard.errors import PrefixError
from pipguard.terminal import Terminal
from pipguard.verbs.doctor import Scope, Treatment


@pytest.mark.parametrize(
    ("mark", "reference"),
    [("conda-meta/frozen", "prefix-frozen"), ("conda-meta/pixi", "pixi-not-guarded")],
)
def test_what_others_have_closed_is_not_repaired(place: Place, mark: str, reference: str) -> None:
    place.write(mark)
    treatment = Treatment(place.prefix, Scope(frozenset(Kind)), ("doctor", "--fix"), Terminal())
    with pytest.raises(PrefixError) as caught:
        treatment.give((), migrated=True)
    assert caught.value.reference == reference
