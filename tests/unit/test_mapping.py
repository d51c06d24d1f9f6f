import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipguard.engine.channels import Channels
from pipguard.mapping import table as table_module
from pipguard.mapping.compact import CompactTable, ImplausibleTableError, compact, parse
from pipguard.mapping.table import MappingSettings, Tables, load_tables
from pipguard.names import CondaName, PyPIName
from pipguard.network import DownloadError, Network, Patience
from pipguard.opener import CarefulRedirects

PUBLISHED: dict[str, list[str] | None] = {
    "brotli": None,
    "brotli-python": ["brotli"],
    "numpy": ["numpy"],
    "py-opencv": ["opencv-python", "opencv-python-headless"],
    "libopencv": ["opencv-python"],
    "odd": ["unknown", "odd"],
}
NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)


def test_a_kept_table_answers_in_both_directions() -> None:
    table = CompactTable(compact(parse(json.dumps(PUBLISHED).encode(), 0), {}))
    assert table.ships(CondaName("brotli")) == []
    assert table.ships(CondaName("boost")) is None
    assert table.ships(CondaName("py-opencv")) == ["opencv-python", "opencv-python-headless"]
    assert sorted(table.providers(PyPIName("opencv-python"))) == ["libopencv", "py-opencv"]
    assert table.providers(PyPIName("numpyro")) == []


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3, unique=True), max_size=30), NAMES)
def test_halving_finds_every_line_and_nothing_else(ships: dict[str, list[str]], other: str) -> None:
    table = CompactTable(compact(ships, {}))
    assert {conda: table.ships(CondaName(conda)) for conda in ships} == ships
    assert (table.ships(CondaName(other)) is None) == (other not in ships)
    providers = sorted(conda for conda, dists in ships.items() if other in dists)
    assert sorted(table.providers(PyPIName(other))) == providers


def test_a_nameless_dist_is_noise() -> None:
    assert parse(json.dumps(PUBLISHED).encode(), 0)["odd"] == ("odd",)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<html>please log in</html>", "not-json"),
        (b'{"numpy": ["numpy"', "not-json"),
        (b'["numpy"]', "wrong-shape"),
        (b'{"numpy": "numpy"}', "wrong-shape"),
        (b'{"numpy": [1]}', "wrong-shape"),
        (b'{"num\\npy": ["numpy"]}', "wrong-shape"),
        (b'{"numpy": ["numpy"]}', "too-small"),
    ],
)
def test_what_is_not_the_table_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(ImplausibleTableError, match=reason):
        parse(raw, 2)


def test_a_kept_table_that_was_cut_off_is_not_used() -> None:
    data = compact({"numpy": ["numpy"]}, {})
    with pytest.raises(ValueError, match="size"):
        CompactTable(data[:-3])


@dataclass
class Server:
    """A server for tables: what it answers can be changed, what it was asked is kept."""

    body: bytes = json.dumps(PUBLISHED).encode()
    etag: str = '"1"'
    status: int = 200
    location: str = ""
    delay: float = 0.0
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(handler.path)
        time.sleep(self.delay)
        known = handler.headers.get("If-None-Match") == self.etag
        handler.send_response(304 if known else self.status)
        handler.send_header("ETag", self.etag)
        if self.location:
            handler.send_header("Location", self.location)
        handler.end_headers()
        if not known:
            handler.wfile.write(self.body)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        server.url = f"http://127.0.0.1:{http.server_address[1]}/{{channel}}.json"
        yield server
        http.shutdown()
        thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(table_module, "_MINIMUM", {"conda-forge": 2, "bioconda": 2})
    with serving() as running:
        yield running


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def move(self, *, hours: float) -> None:
        self.now += hours * 3600


@dataclass
class Cache:
    """One cache over one server, at a time that the test chooses."""

    settings: MappingSettings
    clock: Clock
    server: Server

    def load(self, *channels: str) -> Tables:
        resolved = [each for name in channels for each in Channels().resolve(name)]
        return load_tables(resolved, self.settings)


@pytest.fixture
def cache(tmp_path: Path, server: Server) -> Cache:
    clock = Clock()
    settings = MappingSettings(tmp_path, url=server.url, clock=clock, patience=Patience(2.0, 2.0))
    return Cache(settings, clock, server)


def has_numpy(tables: Tables) -> bool:
    return any(table.providers(PyPIName("numpy")) for table in tables.tables)


def reasons(tables: Tables) -> list[tuple[str, str]]:
    return [(notice.reference, notice.reason) for notice in tables.notices]


def test_a_table_is_downloaded_once_a_day(cache: Cache) -> None:
    assert has_numpy(cache.load())
    cache.clock.move(hours=23)
    assert has_numpy(cache.load())
    assert cache.server.asked == ["/conda-forge.json"]


def test_after_a_day_the_server_may_say_that_nothing_changed(cache: Cache) -> None:
    cache.load()
    cache.clock.move(hours=25)
    cache.server.body = b"never sent"
    renewed = cache.load()
    assert has_numpy(renewed)
    assert renewed.notices == ()
    assert has_numpy(cache.load())
    assert len(cache.server.asked) == 2


def test_after_a_day_a_newer_table_replaces_the_old(cache: Cache) -> None:
    cache.load()
    cache.clock.move(hours=25)
    cache.server.etag, cache.server.body = '"2"', b'{"a": ["a"], "b": null}'
    assert not has_numpy(cache.load())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": 503, "etag": '"2"'}, "http-503"),
        ({"body": b"<html>", "etag": '"2"'}, "not-json"),
        ({"body": b"{}", "etag": '"2"'}, "too-small"),
    ],
)
def test_a_stale_table_serves_at_any_age_with_one_warning(
    cache: Cache, change: dict[str, Any], reason: str
) -> None:
    cache.load()
    cache.clock.move(hours=24 * 400)
    for name, value in change.items():
        setattr(cache.server, name, value)
    tables = cache.load()
    assert has_numpy(tables)
    assert reasons(tables) == [("mapping-stale", reason)]
    assert tables.notices[0].age == 400 * 24 * 3600
    again = cache.load()
    assert has_numpy(again)
    assert again.notices == ()


def test_a_host_that_failed_is_left_alone_for_ten_minutes(cache: Cache) -> None:
    cache.server.status = 500
    assert reasons(cache.load()) == [("mapping-unavailable", "http-500")]
    assert cache.load() == Tables()
    cache.clock.move(hours=0.2)
    cache.server.status = 200
    assert has_numpy(cache.load())
    assert len(cache.server.asked) == 2


def test_a_host_that_never_answers_costs_no_more_than_our_patience(cache: Cache) -> None:
    cache.server.delay = 5.0
    cache.settings = replace(cache.settings, patience=Patience(0.3, 0.3))
    started = time.monotonic()
    assert reasons(cache.load()) == [("mapping-unavailable", "timeout")]
    assert time.monotonic() - started < 2


def test_offline_nothing_is_asked_and_nothing_is_said(cache: Cache) -> None:
    offline = replace(cache.settings, network=Network(offline=True))
    assert load_tables((), offline) == Tables()
    cache.load()
    cache.clock.move(hours=1000)
    assert has_numpy(load_tables((), offline))
    assert len(cache.server.asked) == 1


def test_the_name_of_a_private_channel_never_leaves_the_machine(cache: Cache) -> None:
    cache.load("acme-secret", "https://conda.acme.example/secret", "bioconda", "conda-forge")
    assert cache.server.asked == ["/bioconda.json", "/conda-forge.json"]


def test_an_address_without_a_channel_in_it_is_asked_once(cache: Cache) -> None:
    cache.settings = replace(
        cache.settings, url=cache.settings.url.replace("{channel}", "conda-forge")
    )
    assert len(cache.load("bioconda").tables) == 1
    assert cache.server.asked == ["/conda-forge.json"]


def test_a_cache_that_cannot_be_written_costs_time_and_not_the_table(
    cache: Cache, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache.settings = replace(cache.settings, cache=blocked)
    assert has_numpy(cache.load())


def test_a_damaged_cache_is_downloaded_anew(cache: Cache, tmp_path: Path) -> None:
    cache.load()
    (kept,) = (tmp_path / "mapping").glob("*.table")
    kept.write_bytes(kept.read_bytes()[:-5])
    assert has_numpy(cache.load())
    assert len(cache.server.asked) == 2


def test_a_redirect_to_a_file_is_not_followed(cache: Cache) -> None:
    cache.server.status, cache.server.location = 302, "file:///etc/hostname"
    assert reasons(cache.load())[0][0] == "mapping-unavailable"


def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    request = Request("https://h.example/table.json")
    with pytest.raises(DownloadError, match="insecure-redirect"):
        CarefulRedirects().redirect_request(
            request, None, 302, "", {}, "http://h.example/table.json"
        )


@pytest.mark.parametrize(
    ("to", "kept"), [("https://h.example/b", True), ("https://x.example/", False)]
)
def test_a_redirect_to_another_host_leaves_the_login_behind(to: str, *, kept: bool) -> None:
    request = Request("https://h.example/a", headers={"Authorization": "Basic bWU6c2VjcmV0"})
    new = CarefulRedirects().redirect_request(request, None, 302, "", {}, to)
    assert new is not None
    assert new.has_header("Authorization") == kept


def test_a_proxy_is_used_unless_the_host_is_excepted(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name)
    dead = {"http": "http://127.0.0.1:9"}
    cache.settings = replace(cache.settings, network=Network(proxies=dead))
    assert reasons(cache.load()) == [("mapping-unavailable", "ConnectionRefusedError")]
    cache.clock.move(hours=1)
    cache.settings = replace(cache.settings, network=Network(proxies=dead, no_proxy="127.0.0.1"))
    assert has_numpy(cache.load())


def test_without_a_proxy_in_the_settings_the_environments_is_not_used(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert has_numpy(cache.load())


def test_a_local_table_may_be_small_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    published = tmp_path / "my table.json"
    published.write_text('{"numpy": ["numpy"]}')
    settings = MappingSettings(tmp_path / "cache", url=published.as_uri())
    assert has_numpy(load_tables((), settings))
    published.write_text('{"nothing": null}')
    assert not has_numpy(load_tables((), settings))


def test_a_local_table_is_read_offline_too(tmp_path: Path) -> None:
    published = tmp_path / "table.json"
    published.write_text('{"numpy": ["numpy"]}')
    settings = MappingSettings(tmp_path / "cache", Network(offline=True), published.as_uri())
    assert has_numpy(load_tables((), settings))


def test_a_local_table_that_is_gone_is_told(tmp_path: Path) -> None:
    settings = MappingSettings(tmp_path, url=(tmp_path / "none.json").as_uri())
    assert reasons(load_tables((), settings)) == [("mapping-unavailable", "FileNotFoundError")]


def test_processes_that_start_together_download_once(cache: Cache) -> None:
    cache.server.delay = 0.3
    together(4, cache.load)
    assert cache.server.asked == ["/conda-forge.json"]


def together(count: int, work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
