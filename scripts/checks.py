"""What the doctor looks at: each check says what it found, and how to mend what is wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfoNotFoundError

import redis
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from asr.errors import ModelUnusable
from asr.vosk_recogniser import VoskRecogniser
from callqueue.claiming import is_dialing_stopped
from callqueue.runtime import Runtime
from ivr.voice.parts import studio_of
from prompts.check import check
from prompts.errors import PromptError
from ptm import schema
from ptm.accounts import MAIN_ACCOUNT, Account, secrets_of
from ptm.clock import IST
from ptm.errors import CarrierUnavailable, SettingsError
from ptm.resealing import outdated

LEAST_FREE_SHARE, LEAST_FREE_BYTES = 0.05, 1 << 30
CLOCKS_MAY_DIFFER_S = 5.0


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; `mend` is empty when nothing is wrong."""

    subject: str
    said: str
    mend: str = ""

    @property
    def is_wrong(self) -> bool:
        return bool(self.mend)


def examine(parts: Runtime) -> Iterator[Finding]:
    """Yield what is found, part by part; nothing is changed and nobody is called."""
    for subject, look in _CHECKS.items():
        yield from (Finding(subject, said, mend) for said, mend in look(parts))


Answers = Iterator[tuple[str, str]]


def _database(parts: Runtime) -> Answers:
    try:
        is_current = schema.is_current(parts.database)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        yield f"{parts.database.dialect} does not answer: {reason}", "start it, or correct database.url in config.toml"
        return
    if not is_current:
        yield f"{parts.database.dialect} stands at another version than this code", "run `sunvai db upgrade`"
        return
    yield f"{parts.database.dialect}, newest version", ""
    yield from _database_clock(parts)


def _database_clock(parts: Runtime) -> Answers:
    """Windows are decided by our clock and the database's instants meet it: the two must agree."""
    if parts.database.dialect != "postgresql":
        return
    with parts.database.reading() as tx:
        theirs = tx.scalar(select(func.clock_timestamp()))
        skew_s = abs((datetime.now(theirs.tzinfo) - theirs).total_seconds()) if theirs else 0.0
    if skew_s > CLOCKS_MAY_DIFFER_S:
        said = f"its clock differs from this machine's by {skew_s:.0f} s"
        yield said, "let both hosts take the time from one NTP server"


def _data_key(parts: Runtime) -> Answers:
    try:
        left = outdated(parts.database, parts.vault)
    except SQLAlchemyError:
        return  # the database has been complained of already
    if left:
        yield f"{left} number(s) are sealed with another data key", "see docs/operating/change-the-data-key.md"
    else:
        yield "every number is sealed with the present data key", ""


def _switch(parts: Runtime) -> Answers:
    try:
        with parts.database.reading() as tx:
            if is_dialing_stopped(tx):
                yield "all dialling is stopped", "an operator threw the switch: turn it off on the operator's page"
                return
    except SQLAlchemyError:
        return  # the database has been complained of already
    yield "dialling is allowed", ""


def _redis(parts: Runtime) -> Answers:
    try:
        parts.redis.ping()
        persists = parts.redis.config_get("appendonly").get("appendonly") == "yes"
    except redis.RedisError as error:
        mend = "start it (`sunvai up` starts the one that comes along), or correct redis.url in config.toml"
        yield f"does not answer: {error}", mend
        return
    yield "answers" if persists else "answers; without an append-only file, calls wait for a sweep after a crash", ""


def _carrier(parts: Runtime) -> Answers:
    for account in parts.settings.accounts:
        yield from _account(parts, account)


def _account(parts: Runtime, told: Account) -> Answers:
    name = "" if told.name == MAIN_ACCOUNT else f"{told.name}: "
    variables = " and ".join(secrets_of(told.name))
    try:
        # Only who has the right credentials may list recordings, and nothing rings.
        next(iter(parts.carrier_of(told.name).recordings(datetime.now(UTC))), None)
    except SettingsError as error:
        yield f"{name}the credentials cannot be right", f"{error} (see {variables})"
        return
    except CarrierUnavailable as error:
        mend = f"see {variables}, its api_url in config.toml, and the network"
        yield f"{name}{told.api_url} does not answer as it should: {error}", mend
        return
    said = f"{told.api_url} knows the account; {told.lines} lines, {told.calls_per_second:g} calls a second"
    yield f"{name}{said}", ""


def _web(parts: Runtime) -> Answers:
    url = parts.settings.web.public_url
    if _is_outside(parts) and (not url.startswith("https://") or _is_local(url)):
        mend = "set web.public_url to an https address that it can reach"
        yield f"{url} cannot be reached by the carrier, or not safely", mend
        return
    yield f"the carrier and people come to {url}", ""


def _models(parts: Runtime) -> Answers:
    for language, folder in parts.settings.asr.models.items():
        if not folder.is_dir():
            yield f"{language}: no model in {folder}; what is said in it goes to a person unheard", ""
            continue
        try:
            yield f"{language}: {VoskRecogniser(folder).model}", ""
        except ModelUnusable as error:
            yield f"{language}: {error}", f"put a Vosk model into {folder}, or remove it"


def _prompts(parts: Runtime) -> Answers:
    studio = studio_of(parts)
    try:
        report = check(studio)
    except (PromptError, OSError) as error:
        yield f"cannot be checked: {error}", "run `sunvai prompts build`"
        return
    finally:
        studio.close()
    if report.ready:
        yield f"{report.prompts} prompts ready in every language", ""
        return
    first = report.problems[0]
    said = f"{len(report.problems)} problem(s), the first: {first}"
    yield said, "run `sunvai prompts build`, then `sunvai prompts check`"


def _clock(parts: Runtime) -> Answers:
    now = parts.clock.now()
    try:
        offset = now.astimezone(IST).strftime("%z")
    except ZoneInfoNotFoundError:
        offset = "unknown"
    if offset != "+0530":
        yield f"Indian time is taken as UTC{offset}", "reinstall the tzdata package"
        return
    yield f"it is {now.astimezone(IST):%a %d %b %Y %H:%M:%S} in India", ""


def _disk(parts: Runtime) -> Answers:
    folder = parts.settings.storage.folder
    place = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    usage = shutil.disk_usage(place)
    free = f"{usage.free / 2**30:.1f} GB free below {folder}"
    if not (place.is_dir() and os.access(place, os.W_OK)):
        yield f"{place} cannot be written to", "give this user the right to write there, or set storage.folder"
    elif usage.free < LEAST_FREE_BYTES or usage.free < LEAST_FREE_SHARE * usage.total:
        yield free, "make room: recordings need about 0.5 MB a call"
    else:
        yield free, ""


def _is_outside(parts: Runtime) -> bool:
    return not _is_local(parts.settings.carrier.api_url)


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


_CHECKS: dict[str, Callable[[Runtime], Answers]] = {
    "database": _database,
    "data key": _data_key,
    "switch": _switch,
    "redis": _redis,
    "carrier": _carrier,
    "web": _web,
    "models": _models,
    "prompts": _prompts,
    "clock": _clock,
    "disk": _disk,
}
