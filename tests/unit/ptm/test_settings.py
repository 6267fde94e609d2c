from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from ptm.clock import ScaledClock, SystemClock
from ptm.errors import SettingsError
from ptm.secret_settings import SECRETS
from ptm.settings import Settings, load_settings
from tests.conftest import ROOT
from tests.conftest import SECRETS as TEST_SECRETS

FILE = ROOT / "config.toml"


def load(**environ: str) -> Settings:
    return load_settings(FILE, TEST_SECRETS | environ)


def refused(**environ: str) -> str:
    with pytest.raises(SettingsError) as error:
        load(**environ)
    return str(error.value)


def write(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding)
    return file


def test_the_projects_own_file_is_right() -> None:
    settings = load()
    assert (settings.calling.opens, settings.calling.closes) == (time(10), time(19))
    assert settings.storage.clips == settings.storage.folder / "clips"


WRONG = {
    "SUNVAI_CARRIER__LINES": ("many", "carrier.lines", "'many'"),
    "SUNVAI_CARRIER__CALLER_ID": ("+91 80 3573", "carrier.caller_id", "'+91 80 3573'"),
    "SUNVAI_CARRIER__CALLS_PER_SECOND": ("0", "carrier.calls_per_second", "greater than 0"),
    "SUNVAI_CARRIER__RESERVED_LINES": ("50", "carrier", "must be fewer than lines"),
    "SUNVAI_CALLING__OPENS": ("08:59", "calling", "between 09:00 and 21:00 IST"),
    "SUNVAI_CALLING__CLOSES": ("21:01", "calling", "between 09:00 and 21:00 IST"),
    "SUNVAI_CALLING__TRIES": ("4", "calling.tries", "less than or equal to 3"),
    "SUNVAI_CALLING__WEEKDAYS": ('["monday"]', "calling.weekdays.0", "'monday'"),
    "SUNVAI_CALLING__HOLIDAYS": ('["Diwali"]', "calling.holidays.0", "'Diwali'"),
    "SUNVAI_CALLING__LADDER__BUSSY": ("15", "calling.ladder.bussy", "'busy'"),
    "SUNVAI_WEB__PUBLIC_URL": ("https://example.org/", "web.public_url", "pattern"),
    "SUNVAI_WEB__PORT": ("66000", "web.port", "65535"),
    "SUNVAI_REDIS__URL": ("amqp://host", "redis.url", "must begin with unix://"),
    "SUNVAI_MACHINE__LEASE_S": ("10", "together", "machine.lease_s (10) must be at least four times"),
    "SUNVAI_CLOCK__SPEED": ("20", "clock", "needs both anchor_at and anchor_wall"),
    "SUNVAI_CARRIER__LINE": ("50", "carrier.line", "no such key"),
    "SUNVAI_CARIER__LINES": ("50", "carier", "no such key"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_key_names_itself_and_what_is_wrong(name: str) -> None:
    value, key, why = WRONG[name]
    message = refused(**{name: value})
    assert "the environment: 1 setting(s) to mend" in message.splitlines()[0]
    assert f"\n  {key}: " in message and why in message


def refused_in_file(tmp_path: Path, written: str, instead: str, **environ: str) -> str:
    text = FILE.read_text("utf-8")
    assert written in text
    with pytest.raises(SettingsError) as error:
        load_settings(write(tmp_path, text.replace(written, instead)), TEST_SECRETS | environ)
    return str(error.value)


def test_a_wrong_key_says_how_to_override_it(tmp_path: Path) -> None:
    message = refused_in_file(tmp_path, "ring_timeout_s = 40", "ring_timeout_s = 4")
    assert message.startswith(f"{tmp_path / 'config.toml'}: 1 setting(s)")
    assert message.endswith("(now 4); or set SUNVAI_CALLING__RING_TIMEOUT_S")


def test_a_key_that_there_is_not_is_not_to_be_set_but_spelled(tmp_path: Path) -> None:
    message = refused_in_file(tmp_path, "ring_timeout_s = 40", "ring_timeout_s = 40\nclosez = 7")
    assert "calling.closez: no such key; did you mean closes? (now 7)" in message
    assert "or set" not in message


def test_a_value_of_the_environment_is_not_blamed_on_the_file() -> None:
    message = refused(SUNVAI_CARRIER__LINES="many")
    assert message.startswith("the environment: 1 setting(s) to mend")
    assert message.endswith("it comes from SUNVAI_CARRIER__LINES (environment)")


def test_file_and_environment_are_both_named_when_both_are_wrong(tmp_path: Path) -> None:
    message = refused_in_file(tmp_path, "ring_timeout_s = 40", "ring_timeout_s = 4", SUNVAI_WEB__PORT="-1")
    assert message.startswith(f"{tmp_path / 'config.toml'} and the environment: 2 setting(s) to mend")


def test_every_wrong_key_is_named_at_once() -> None:
    message = refused(SUNVAI_CARRIER__LINES="many", SUNVAI_WEB__PORT="-1", PLIVO_AUTH_ID="")
    assert "3 setting(s) to mend" in message
    assert all(key in message for key in ("carrier.lines", "web.port", "PLIVO_AUTH_ID"))


def test_a_missing_key_names_itself(tmp_path: Path) -> None:
    text = FILE.read_text("utf-8").replace("ring_timeout_s = 40", "")
    with pytest.raises(SettingsError, match=r"calling\.ring_timeout_s: Field required"):
        load_settings(write(tmp_path, text), TEST_SECRETS)


@pytest.mark.parametrize("name", SECRETS.values())
@pytest.mark.parametrize("value", [None, "", "too short"])
def test_a_secret_that_is_missing_or_short_is_named_and_never_shown(name: str, value: str | None) -> None:
    environ = TEST_SECRETS | ({name: value} if value is not None else {})
    if value is None:
        del environ[name]
    with pytest.raises(SettingsError) as error:
        load_settings(FILE, environ)
    said = "is shorter than 16 characters" if value else "is not set"
    assert f"  {name} (environment): {said}" in str(error.value)
    assert "too short" not in str(error.value)


def test_secrets_are_not_shown_with_the_settings() -> None:
    settings = load()
    shown = f"{settings!r} {settings} {settings.secrets!r} {settings.model_dump_json()}"
    assert not any(secret in shown for secret in TEST_SECRETS.values())


def test_a_password_in_an_address_is_not_shown() -> None:
    assert "hush" not in refused(SUNVAI_REDIS__URL="http://user:hush@host")


@pytest.mark.parametrize("environ", [{}, {"SUNVAI_SECRETS__DATA_KEY": "a-key-in-the-wrong-place"}])
def test_a_secret_in_the_file_is_refused(tmp_path: Path, environ: Mapping[str, str]) -> None:
    text = FILE.read_text("utf-8") + ("" if environ else '\n[secrets]\ndata_key = "a-key-in-the-wrong-place"\n')
    with pytest.raises(SettingsError, match="secrets: stand in the environment only") as error:
        load_settings(write(tmp_path, text), TEST_SECRETS | environ)
    assert "wrong-place" not in str(error.value)


def test_the_environment_overrides_the_file_in_every_kind_of_value() -> None:
    settings = load(
        SUNVAI_WEB__PORT="9000", SUNVAI_CARRIER__CALLS_PER_SECOND="2.5", SUNVAI_CARRIER__CALLER_ID="918047100000",
        SUNVAI_CALLING__OPENS="11:30", SUNVAI_CALLING__WEEKDAYS='["sat"]', SUNVAI_CALLING__HOLIDAYS='["2026-11-28"]',
        SUNVAI_CALLING__LADDER__BUSY="20", SUNVAI_DATABASE__URL="postgresql://host/sunvai",
        SUNVAI_CLOCK__ANCHOR_AT='"2026-11-24T05:00:00+05:30"', SUNVAI_CLOCK__ANCHOR_WALL="1.0",
        SUNVAI_CARRIER__API_URL="http://127.0.0.1:8800",
    )  # fmt: skip
    assert settings.web.port == 9000
    assert (settings.carrier.calls_per_second, settings.carrier.caller_id) == (2.5, "918047100000")
    assert (settings.calling.opens, settings.calling.weekdays) == (time(11, 30), ("sat",))
    assert [str(day) for day in settings.calling.holidays] == ["2026-11-28"]
    assert settings.calling.ladder["busy"] == 20 and settings.calling.ladder["no_answer"] == 180
    assert settings.clock.anchor_at == datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


def test_an_override_below_a_value_is_refused() -> None:
    assert "SUNVAI_WEB__PORT__X: port is a value, not a section" in refused(SUNVAI_WEB__PORT__X="1")


def test_other_words_in_the_environment_are_nobodys_settings() -> None:
    assert load(SUNVAI_CONFIG="elsewhere", SUNVAI_NOTE="x", HOME="/root") == load()


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = write(tmp_path, FILE.read_text("utf-8").replace("port = 8000", "port = 8001"), encoding="utf-8-sig")
    assert load_settings(environ=TEST_SECRETS | {"SUNVAI_CONFIG": str(file)}).web.port == 8001


@pytest.mark.parametrize("text", ["[web\nport", "port = \n", "\x00"])
def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"config\.toml: not TOML: .*line 1"):
        load_settings(write(tmp_path, text), TEST_SECRETS)


def test_a_file_that_is_not_there_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file; run from the project's root or set SUNVAI_CONFIG"):
        load_settings(tmp_path / "config.toml", TEST_SECRETS)


def test_a_redis_socket_in_a_folder_is_named_whole() -> None:
    """The client library would take the folder for a host and look for the socket in the root."""
    told = load(SUNVAI_REDIS__URL="unix://var/redis.sock?db=2").redis.url
    assert told == f"unix://{Path('var/redis.sock').absolute()}?db=2"
    assert load(SUNVAI_REDIS__URL="unix:///run/redis.sock").redis.url == "unix:///run/redis.sock"
    assert load(SUNVAI_REDIS__URL="rediss://host:6379/1").redis.url == "rediss://host:6379/1"


PRETENDED = {"SUNVAI_CLOCK__ANCHOR_AT": '"2026-11-24T05:00:00Z"', "SUNVAI_CLOCK__ANCHOR_WALL": "1.0"}


def test_the_clock_is_the_machines_unless_it_is_anchored() -> None:
    assert isinstance(load().clock.clock(), SystemClock)
    at_an_exchange = PRETENDED | {"SUNVAI_CARRIER__API_URL": "http://127.0.0.1:8800", "SUNVAI_CLOCK__SPEED": "20"}
    assert isinstance(load(**at_an_exchange).clock.clock(), ScaledClock)


@pytest.mark.parametrize("url", ["https://api.plivo.com", "https://plivo.com", "https://API.PLIVO.COM:443/v1"])
def test_families_of_the_real_carrier_are_not_called_by_a_pretended_clock(url: str) -> None:
    message = refused(**PRETENDED, SUNVAI_CARRIER__API_URL=url)
    assert "clock must be the machine's own when carrier.api_url is at plivo.com" in message


def test_an_anchor_needs_its_zone() -> None:
    naive = PRETENDED | {"SUNVAI_CLOCK__ANCHOR_AT": '"2026-11-24T05:00:00"'}
    assert "needs a time zone" in refused(**naive)


def test_other_data_keys_are_read_apart_and_checked() -> None:
    old, older = "a-data-key-of-last-year", "a-data-key-of-the-year-before"
    settings = load(SUNVAI_OTHER_DATA_KEYS=f"{old}, {older},")
    assert [key.get_secret_value() for key in settings.secrets.other_data_keys] == [old, older]
    message = refused(SUNVAI_OTHER_DATA_KEYS="short")
    assert "SUNVAI_OTHER_DATA_KEYS (environment): is shorter" in message and "short'" not in message
