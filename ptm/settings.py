"""Settings: config.toml, overridden by the environment, checked as a whole before anything starts."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from ptm.clock import Clock, FileClock, ScaledClock, SystemClock
from ptm.errors import SettingsError

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Language = Literal["pa", "hi", "en"]

# Parents are never called outside these hours, whatever a configuration says: the older TRAI rule for commercial
# calls forbids 21:00 to 09:00, and no rule for a school's calls is kinder.
EARLIEST, LATEST = time(9), time(21)
REAL_CARRIER = "plivo.com"
# The account that [carrier] itself describes; [[carrier.accounts]] name theirs.
MAIN_ACCOUNT = "main"

SECRETS = {
    "auth_id": "PLIVO_AUTH_ID",
    "auth_token": "PLIVO_AUTH_TOKEN",
    "secret_key": "SUNVAI_SECRET_KEY",
    "data_key": "SUNVAI_DATA_KEY",
}
# Each further account has its own, with its name in capitals behind: PLIVO_AUTH_ID__NORTH.
ACCOUNT_SECRETS = {key: SECRETS[key] for key in ("auth_id", "auth_token")}
# Comma-separated data keys that are known beside the present one while it is being changed.
OTHER_DATA_KEYS = "SUNVAI_OTHER_DATA_KEYS"
ENVIRONMENT_ONLY = SECRETS | {"other_data_keys": OTHER_DATA_KEYS}
SHORTEST_SECRET = 16
_PASSWORD = re.compile("//[^@/]*@")
Positive = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    # A caller id in the environment looks like a number to whoever parses it.
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


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


ApiUrl = Annotated[str, Field(pattern=r"^https?://")]
CallerId = Annotated[str, Field(pattern=r"^91\d{8,10}$")]


class AccountSettings(Section):
    """A further account at the carrier, with its own number, lines and rate. A tenth of its lines is kept free."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    caller_id: CallerId
    lines: Annotated[int, Field(ge=1)]
    calls_per_second: Positive
    reserved_lines: Annotated[int, Field(ge=0)] | None = None
    api_url: ApiUrl | None = None

    @property
    def kept_free(self) -> int:
        return self.lines // 10 if self.reserved_lines is None else self.reserved_lines

    @model_validator(mode="after")
    def _leaves_lines_to_dial_with(self) -> AccountSettings:
        if self.kept_free >= self.lines:
            raise ValueError(f"reserved_lines ({self.kept_free}) must be fewer than lines ({self.lines})")
        return self


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


class AccountSecrets(Section):
    """How a further account of the carrier is entered."""

    auth_id: SecretStr
    auth_token: SecretStr

    @field_validator("auth_id", "auth_token")
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        return _long_enough(value)


@dataclass(frozen=True)
class Account:
    """One account at the carrier: how it is entered, what it shows to parents, what was bought."""

    name: str
    auth_id: str = field(repr=False)
    auth_token: str = field(repr=False)
    api_url: str
    caller_id: str
    lines: int
    reserved_lines: int
    calls_per_second: float


class Secrets(Section):
    auth_id: SecretStr
    auth_token: SecretStr
    secret_key: SecretStr
    data_key: SecretStr
    other_data_keys: tuple[SecretStr, ...] = ()
    accounts: Mapping[str, AccountSecrets] = {}

    @field_validator("auth_id", "auth_token", "secret_key", "data_key")
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        return _long_enough(value)

    @field_validator("other_data_keys")
    @classmethod
    def _are_long_enough(cls, values: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for value in values:
            _long_enough(value)
        return values


def _long_enough(value: SecretStr) -> SecretStr:
    if not value.get_secret_value():
        raise ValueError("is not set: export it before anything is started")
    if len(value.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
    return value


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
        main = Account(
            MAIN_ACCOUNT, secrets.auth_id.get_secret_value(), secrets.auth_token.get_secret_value(), told.api_url,
            told.caller_id, told.lines, told.reserved_lines, told.calls_per_second,
        )  # fmt: skip
        return (main, *(self._further(account) for account in told.accounts))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that the carrier may have signed a webhook with."""
        return tuple(account.auth_token for account in self.accounts)

    def _further(self, told: AccountSettings) -> Account:
        secrets = self.secrets.accounts[told.name]
        return Account(
            told.name, secrets.auth_id.get_secret_value(), secrets.auth_token.get_secret_value(),
            told.api_url or self.carrier.api_url, told.caller_id, told.lines, told.kept_free, told.calls_per_second,
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
    tree["secrets"] = {key: environ.get(name, "") for key, name in SECRETS.items()}
    tree["secrets"]["other_data_keys"] = [
        key.strip() for key in environ.get(OTHER_DATA_KEYS, "").split(",") if key.strip()
    ]
    tree["secrets"]["accounts"] = _account_secrets(tree, environ)
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(_explain(file, error)) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{file}: no such file; run from the project's root or set SUNVAI_CONFIG") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not TOML: {error}") from None


def _account_secrets(tree: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what the environment holds for each account that the settings name, empty where it holds nothing."""
    carrier = tree.get("carrier")
    accounts = carrier.get("accounts") if isinstance(carrier, dict) else None
    listed = accounts if isinstance(accounts, list) else []
    names = [account["name"] for account in listed if isinstance(account, dict) and "name" in account]
    return {
        str(name): {key: environ.get(_of_account(variable, name), "") for key, variable in ACCOUNT_SECRETS.items()}
        for name in names
    }


def secrets_of(account: str) -> tuple[str, ...]:
    """Return the names of the environment variables that an account is entered with."""
    names = tuple(ACCOUNT_SECRETS.values())
    return names if account == MAIN_ACCOUNT else tuple(_of_account(name, account) for name in names)


def _of_account(variable: str, account: object) -> str:
    return f"{variable}__{str(account).upper()}"


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


def _explain(file: Path, error: ValidationError) -> str:
    lines = [f"{file}: {error.error_count()} setting(s) to mend"]
    lines += [f"  {_told(problem)}" for problem in error.errors()]
    return "\n".join(lines)


def _told(problem: ErrorDetails) -> str:
    """Return the key, what is wrong with it and how to override it. A secret's value is never shown."""
    place = [str(part) for part in problem["loc"] if part != "[key]"]
    what = "no such key" if problem["type"] == "extra_forbidden" else problem["msg"].removeprefix("Value error, ")
    if place[:2] == ["secrets", "accounts"] and len(place) > 3:
        return f"{_of_account(ACCOUNT_SECRETS[place[3]], place[2])} (environment): {what}"
    if place[:1] == ["secrets"] and len(place) > 1:
        return f"{ENVIRONMENT_ONLY[place[1]]} (environment): {what}"
    # One entry of a list cannot be set alone.
    can_be_set = len(place) > 1 and not any(part.isdigit() for part in place)
    hint = f"; or set SUNVAI_{'__'.join(place).upper()}" if can_be_set else ""
    return f"{'.'.join(place) or 'together'}: {what}{_shown(problem)}{hint}"


def _shown(problem: ErrorDetails) -> str:
    if problem["type"] == "missing" or isinstance(problem["input"], (dict, Section)):
        return ""
    return f" (now {_PASSWORD.sub('//…@', repr(problem['input']))})"
