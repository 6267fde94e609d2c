"""Open a round: freeze its days, hours, ladder and call tree, so that later changes touch no call under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from callqueue.rounds import WEEKDAYS
from callqueue.standing_rounds import RoundRefused as RoundRefused
from callqueue.standing_rounds import refuse_beside_another
from callqueue.windows import Window, next_open
from ptm.clock import IST
from ptm.models import Round, TreeVersion
from ptm.settings import CallingSettings


@dataclass(frozen=True)
class Funds:
    """What a round may use: lines at once, money in all, and what a started minute costs. None does not limit."""

    lines: int | None = None
    budget_paise: int | None = None
    pulse_paise: int | None = None


NO_LIMIT = Funds()


def open_round(
    session: Session,
    *,
    area_id: int,
    name: str,
    starts_on_ist: date,
    ends_on_ist: date,
    meeting_on_ist: date,
    calling: CallingSettings,
    tree_hash: str,
    tree_definition: str,
    now: datetime,
    theme: str | None = None,
    funds: Funds = NO_LIMIT,
) -> Round:
    """Add a round with the hours and the ladder of the settings. Raises RoundRefused when its days make no sense."""
    _refuse_senseless(name, starts_on_ist, ends_on_ist, calling, now)
    _refuse_meeting(meeting_on_ist, starts_on_ist, now)
    _refuse_priceless(funds)
    refuse_beside_another(session, area_id, name, starts_on_ist, ends_on_ist, now)
    if session.get(TreeVersion, tree_hash) is None:
        session.add(TreeVersion(hash=tree_hash, definition=tree_definition, created_at=now))
        session.flush()
    opened = Round(
        area_id=area_id,
        name=name,
        starts_on_ist=starts_on_ist,
        ends_on_ist=ends_on_ist,
        opens_ist=calling.opens,
        closes_ist=calling.closes,
        weekdays=",".join(calling.weekdays),
        holidays={"dates": [day.isoformat() for day in calling.holidays]},
        meeting_on_ist=meeting_on_ist,
        tries=calling.tries,
        ladder=dict(calling.ladder),
        hours=calling.hours,
        tree_hash=tree_hash,
        theme=theme,
        lines=funds.lines,
        budget_paise=funds.budget_paise,
        pulse_paise=funds.pulse_paise,
    )
    session.add(opened)
    session.flush()
    return opened


def _refuse_priceless(funds: Funds) -> None:
    """Refuse a budget that nothing can be reckoned against: in such a round nobody would ever be called."""
    given = (funds.lines, funds.budget_paise, funds.pulse_paise)
    if any(value is not None and value < 1 for value in given):
        raise RoundRefused("Lines, budget and the price of a minute are numbers above nothing, or are left out.")
    if funds.budget_paise is not None and funds.pulse_paise is None:
        raise RoundRefused(
            "A round with a budget needs what a started minute costs: without it nobody could be called. "
            "See the carrier's price list."
        )


def _refuse_meeting(meeting: date, starts: date, now: datetime) -> None:
    """Refuse a day that every call would invite to although it is over."""
    if meeting < now.astimezone(IST).date():
        raise RoundRefused(f"The meeting's day ({meeting}) is over: nobody can be invited to it.")
    if meeting < starts:
        raise RoundRefused(f"The meeting ({meeting}) would come before the round that invites to it starts ({starts}).")


def _refuse_senseless(name: str, starts: date, ends: date, calling: CallingSettings, now: datetime) -> None:
    if not name.strip():
        raise RoundRefused("The round needs a name.")
    if starts > ends:
        raise RoundRefused(f"The round would end ({ends}) before it starts ({starts}).")
    window = Window(
        starts_on_ist=starts,
        ends_on_ist=ends,
        opens_ist=calling.opens,
        closes_ist=calling.closes,
        weekdays=frozenset(WEEKDAYS.index(day) for day in calling.weekdays),
        holidays=frozenset(calling.holidays),
    )
    if next_open(window, now) is None:
        raise RoundRefused(
            f"Nobody could be called in this round: between {starts} and {ends} no calling hour is left. "
            "See its days, and weekdays and holidays in the settings."
        )
