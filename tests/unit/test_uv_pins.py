"""What uv has pinned is read, and made fit for pip."""

from __future__ import annotations

from pipguard.names import pypi_name
from pipguard.uv_pins import Pin, parse_pins, with_every_index, without_partial_hashes

PINS = """
--index-url https://pypi.org/simple

-e ./p                    # via -r /made/arguments.in
certifi[x]==2026.10.18    # via -r /made/arguments.in, requests
idna==3.1                 # via p, requests
six==1.0                  # via -c c.txt, requests
Flit_Core==3              # via proj (pyproject.toml)
direct @ https://h/d.whl  # via -r r.in
unsaid==1
hashed==1 \\
    --hash=sha256:00
    # via idna
"""


def test_of_a_pin_it_is_told_whether_a_person_asked_for_it() -> None:
    direct = {pin.name: pin.direct for pin in parse_pins(PINS)}

    assert direct == {
        "certifi": True,
        "idna": False,
        "six": False,
        "flit-core": True,
        "direct": True,
        "unsaid": True,
        "hashed": False,
    }


def test_a_pin_without_annotation_was_asked_for() -> None:
    assert parse_pins("a==1") == (Pin(pypi_name("a"), direct=True),)


def test_hashes_that_only_some_pins_have_are_taken_out() -> None:
    hashed = (
        "--index-url i\n\na==1 \\\n    --hash=sha256:0 \\\n    --hash=sha256:1\n    # via -r f\n"
    )

    assert without_partial_hashes(hashed) == hashed
    assert without_partial_hashes(f"{hashed}-e ./p  # via -r f\n") == (
        "--index-url i\n\na==1\n    # via -r f\n-e ./p  # via -r f\n"
    )


FOUND_ON = """\
--index-url https://me:pw@main.example/simple
--find-links ./wheels

a==1                      # via -r r.in
    # from https://main.example/simple/
b==1+cpu \\
    --hash=sha256:00
    # via a
    # from https://hidden.example/whl/cpu
c==1                      # via a
    # from file:///somewhere/wheels
"""


def test_an_index_that_uv_keeps_to_itself_is_named() -> None:
    """Of `--torch-backend`, and `explicit` ones: no option of what uv writes says them."""
    lines = with_every_index(FOUND_ON).splitlines()

    assert lines == [
        *FOUND_ON.splitlines(),
        "--extra-index-url https://hidden.example/whl/cpu",
    ]


def test_where_a_pin_was_found_does_not_say_who_asked_for_it() -> None:
    direct = {pin.name: pin.direct for pin in parse_pins(FOUND_ON)}

    assert direct == {"a": True, "b": False, "c": False}
