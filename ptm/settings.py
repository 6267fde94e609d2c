"""Settings: config.toml, overridden by the environment, checked as a whole before anything starts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator

from ptm.accounts import MAIN_ACCOUNT, Account, AccountSettings, ApiUrl, CallerId, further_account
from ptm.clock import Clock, FileClock, ScaledClock, SystemClock
from ptm.errors import SettingsError
from ptm.secret_settings import ENVIRONMENT_ONLY, Secrets, read_secrets
from ptm.section import Positive, Section
from ptm.settings_problems import explain

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Language = Literal["pa", "hi", "en"]

# Parents are never called outside these hours, whatever a configuration says: the older TRAI rule for commercial
# calls forbids 21:00 to 09:00, and no rule for a school's calls is kinder.
EARLIEST, LATEST = time(9), time(21)
REAL_CARRIER = "plivo.com"


class DatabaseSettings(Section):
    url: str


class RedisSettings(Section):
    url: str

    @field_validator("url")
    @classmethod
    def _names_its_socket_whole(cls, url: str) -> str:
        # In `unix://var/redis.sock` the client library takes `var` for a host and looks for /redis.sock.
        parts = urlsplit(url)
        if parts.scheme not in ("unix", "redis", "rediss"):
            raise ValueError("must begin with unix://, redis:// or rediss://")
        if parts.scheme != "unix" or not parts.netloc:
            return url
        return f"unix://{Path(parts.netloc + parts.path).absolute()}" + (f"?{parts.query}" if parts.query else "")


class StorageSettings(Section):
    folder: Path

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings"

    @property
    def clips(self) -> Path:
        return self.folder / "clips"


class WebSettings(Section):
    host: str
    port: Annotated[int, Field(ge=0, le=65535)]
    public_url: Annotated[str, Field(pattern=r"^https?://[\x21-\x7e]+[^/]$")]
    workers: Annotated[int, Field(ge=1)] = 1
    threads: Annotated[int, Field(ge=1)] = 8
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    name_nodes: bool = False


OwnNumber = Annotated[str, Field(pattern=r"^(91\d{8,10})?$")]


class CarrierSettings(Section):
    api_url: ApiUrl
    caller_id: CallerId
    missed_call_number: OwnNumber = ""
    teacher_number: OwnNumber = ""
    lines: Annotated[int, Field(ge=1)]
    reserved_lines: Annotated[int, Field(ge=0)]
    calls_per_second: Positive
    connect_timeout_s: Positive
    read_timeout_s: Positive
    fallback_url: Annotated[str, Field(pattern=r"^(https?://[\x21\x22\x24-\x7e]+)?$")] = ""
    accounts: tuple[AccountSettings, ...] = ()

    @field_validator("accounts")
    @classmethod
    def _are_told_apart(cls, accounts: tuple[AccountSettings, ...]) -> tuple[AccountSettings, ...]:
        names = [MAIN_ACCOUNT, *(account.name for account in accounts)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two are called {', '.join(twice)} ({MAIN_ACCOUNT} is the one of [carrier] itself)")
        return accounts

    @model_validator(mode="after")
    def _knows_its_numbers_apart(self) -> CarrierSettings:
        numbers = [number for number in (self.caller_id, self.missed_call_number, self.teacher_number) if number]
        if len(set(numbers)) < len(numbers):
            raise ValueError("caller_id, missed_call_number and teacher_number must be different numbers")
        return self

    @model_validator(mode="after")
    def _leaves_lines_to_dial_with(self) -> CarrierSettings:
        if self.reserved_lines >= self.lines:
            raise ValueError(f"reserved_lines ({self.reserved_lines}) must be fewer than lines ({self.lines})")
        return self


class CallingSettings(Section):
    opens: time
    closes: time
    weekdays: tuple[Weekday, ...]
    holidays: tuple[date, ...] = ()
    tries: Annotated[int, Field(ge=1, le=3)]
    dials_per_day: Annotated[int, Field(ge=1, le=3)]
    ring_timeout_s: Annotated[int, Field(ge=10, le=120)]
    time_limit_s: Annotated[int, Field(ge=30, le=3600)]
    hours: Literal["learned", "ladder"] = "learned"
    ladder: Mapping[
        Literal["busy", "no_answer", "switched_off", "carrier_failed", "hung_up_early"], Annotated[float, Field(gt=0)]
    ]

    @model_validator(mode="after")
    def _stays_inside_the_wall(self) -> CallingSettings:
        if not EARLIEST <= self.opens < self.closes <= LATEST:
            raise ValueError(
                f"opens ({self.opens:%H:%M}) and closes ({self.closes:%H:%M}) must lie in this order "
                f"between {EARLIEST:%H:%M} and {LATEST:%H:%M} IST"
            )
        return self


class MachineSettings(Section):
    lease_s: Positive
    listing_delay_s: Positive
    sweep_every_s: Positive
    compare_every_s: Positive
    pace_every_s: Positive
    job_timeout_s: Annotated[int, Field(ge=10)]
    dial_threads: Annotated[int, Field(ge=1, le=64)] = 8


class ClockSettings(Section):
    """The machine's own clock; or one that runs `speed` times as fast from an anchor on; or what `file` holds."""

    speed: Annotated[float, Field(gt=0, le=1000)] = 1.0
    anchor_at: datetime | None = None
    anchor_wall: float | None = None
    file: Path | None = None

    @field_validator("anchor_at")
    @classmethod
    def _has_a_zone(cls, at: datetime | None) -> datetime | None:
        if at is not None and at.tzinfo is None:
            raise ValueError("needs a time zone, for instance 2026-11-24T05:00:00Z")
        return at

    @model_validator(mode="after")
    def _is_anchored_when_not_real(self) -> ClockSettings:
        if (self.anchor_at is None) != (self.anchor_wall is None) or (self.speed != 1 and self.anchor_at is None):
            raise ValueError("a clock that is not the machine's own needs both anchor_at and anchor_wall")
        if self.file is not None and (self.anchor_at is not None or self.speed != 1):
            raise ValueError("file already says what speed, anchor_at and anchor_wall would: leave them out")
        return self

    @property
    def is_pretended(self) -> bool:
        """Say whether the time is another than the machine's."""
        return self.file is not None or self.anchor_at is not None

    def clock(self) -> Clock:
        if self.file is not None:
            return FileClock(self.file)
        if self.anchor_at is None or self.anchor_wall is None:
            return SystemClock()
        return ScaledClock(self.anchor_at.astimezone(UTC), self.anchor_wall, self.speed)


class AsrSettings(Section):
    models: Mapping[Language, Path]


class Settings(Section):
    database: DatabaseSettings
    redis: RedisSettings
    storage: StorageSettings
    web: WebSettings
    carrier: CarrierSettings
    calling: CallingSettings
    machine: MachineSettings
    clock: ClockSettings = ClockSettings()
    asr: AsrSettings
    secrets: Secrets

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The carrier accounts, the main one first."""
        told, secrets = self.carrier, self.secrets
        further = (further_account(one, secrets.accounts[one.name], told.api_url) for one in told.accounts)
        return (self._main_account, *further)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that the carrier may have signed a webhook with."""
        return tuple(account.auth_token for account in self.accounts)

    @property
    def _main_account(self) -> Account:
        told, secrets = self.carrier, self.secrets
        return Account(
            MAIN_ACCOUNT, secrets.auth_id.get_secret_value(), secrets.auth_token.get_secret_value(), told.api_url,
            told.caller_id, told.lines, told.reserved_lines, told.calls_per_second,
        )  # fmt: skip

    @model_validator(mode="after")
    def _families_live_in_real_time(self) -> Settings:
        # With a clock that runs ahead, "eleven in the morning" may be the middle of the night of a real family.
        for account in self.accounts:
            host = urlsplit(account.api_url).hostname or ""
            if self.clock.is_pretended and (host == REAL_CARRIER or host.endswith(f".{REAL_CARRIER}")):
                raise ValueError(f"clock must be the machine's own when carrier.api_url is at {REAL_CARRIER}")
        return self

    @model_validator(mode="after")
    def _lease_outlives_requests(self) -> Settings:
        # A claim must outlive the one POST it allows by far: a process that sleeps past its lease could dial a
        # number that another process has taken over.
        needed = 4 * (self.carrier.connect_timeout_s + self.carrier.read_timeout_s)
        if self.machine.lease_s < needed:
            raise ValueError(
                f"machine.lease_s ({self.machine.lease_s:g}) must be at least four times carrier.connect_timeout_s + "
                f"carrier.read_timeout_s ({needed:g})"
            )
        return self


def load_settings(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read `path` (else $SUNVAI_CONFIG, else ./config.toml), lay the environment over it and check the whole.

    Raises SettingsError, whose message names the file and every key that is wrong.
    """
    file = path or Path(environ.get("SUNVAI_CONFIG", "config.toml"))
    tree = _read(file)
    _overlay(tree, environ)
    if "secrets" in tree:
        raise SettingsError(
            f"{file}: secrets: stand in the environment only, as {', '.join(ENVIRONMENT_ONLY.values())}"
        )
    tree["secrets"] = read_secrets(tree, environ)
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(explain(file, error, Settings, environ)) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{file}: no such file; run from the project's root or set SUNVAI_CONFIG") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not TOML: {error}") from None


def _overlay(tree: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, text in environ.items():
        if not name.startswith("SUNVAI_") or "__" not in name:
            continue
        *sections, key = name.removeprefix("SUNVAI_").lower().split("__")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
            if not isinstance(branch, dict):
                raise SettingsError(f"{name}: {section} is a value, not a section")
        branch[key] = _parse_override(text)


def _parse_override(text: str) -> Any:
    """Read lists, numbers and booleans as TOML writes them; anything else is the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
