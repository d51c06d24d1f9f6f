"""Logins of uv's indexes reach pip, in the address it asks."""

from __future__ import annotations

import pytest

from pipguard.uv_indexes import find_logins, log_in, split_name

ACME = "https://acme.example/simple/"


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (f"acme={ACME}", ("acme", ACME)),
        (ACME, ("", ACME)),
        ("https://i/?a=b", ("", "https://i/?a=b")),
        ("mine=./mirror", ("mine", "./mirror")),
        ("./mirror", ("", "./mirror")),
    ],
)
def test_an_index_may_have_a_name(value: str, parts: tuple[str, str]) -> None:
    assert split_name(value) == parts


@pytest.mark.parametrize(
    ("name", "url", "variables", "login"),
    [
        ("acme", ACME, {"USERNAME": "me", "PASSWORD": "p@ss"}, "me:p%40ss"),
        ("acme", ACME, {"PASSWORD": "token"}, ":token"),
        ("acme", ACME, {"USERNAME": "token"}, "token:"),
        ("acme", "https://a:b@acme.example/simple/", {"USERNAME": "me"}, "me:"),
        ("acme", "https://a:b@acme.example/simple/", {}, "a:b"),
    ],
)
def test_a_login_is_looked_up_by_the_name(
    name: str, url: str, variables: dict[str, str], login: str
) -> None:
    environ = {f"UV_INDEX_ACME_{key}": value for key, value in variables.items()}

    logins = find_logins([(name, url)], environ)

    with_login = f"https://{login}@acme.example/simple/"
    assert log_in(f"--index-url {ACME}\nx\n", logins) == f"--index-url {with_login}\nx\n"
    assert log_in(f"--extra-index-url={ACME[:-1]}", logins) == f"--extra-index-url={with_login}"


def test_the_name_in_a_variable_is_in_capitals_and_without_marks() -> None:
    environ = {"UV_INDEX_MY_OWN_1_USERNAME": "me"}

    assert find_logins([("my.own-1", ACME)], environ) == {ACME[:-1]: ACME.replace("//", "//me:@")}


def test_without_a_login_nothing_changes() -> None:
    logins = find_logins([("", ACME), ("other", "https://other.example")], {})

    assert logins == {}
    assert log_in(f"--index-url={ACME}", logins) == f"--index-url={ACME}"
