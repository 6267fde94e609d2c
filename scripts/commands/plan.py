"""sunvai plan: what a round will need, before anybody is called."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from callqueue.capacity import (
    Behaviour,
    Demand,
    Plan,
    days_with,
    households_for,
    households_with,
    plan,
    seconds_to_the_next_pulse,
)
from ptm.errors import SunvaiError


class PlanRefused(SunvaiError):
    """The figures do not make a round; the message says which."""


@click.command()
@click.option("--households", type=click.IntRange(1), required=True, help="Families to be called.")
@click.option("--tries", type=click.IntRange(1, 3), default=3, show_default=True, help="Dials a call may spend.")
@click.option("--days", type=float, default=6, show_default=True, help="Days on which parents may be called.")
@click.option("--hours", type=float, default=9, show_default=True, help="Calling hours of a day.")
@click.option("--talk", "talk_s", type=float, default=58, show_default=True, help="Seconds of an answered call.")
@click.option("--headroom", type=float, default=0.05, show_default=True, help="Share of lines for parents who call in.")
@click.option("--pulse-paise", type=float, default=42, show_default=True, help="Price of a started minute, in paise.")
@click.option("--lines", type=click.IntRange(1), help="Lines you have: how long will it take, how many can be called?")
@click.option("--rupees", type=float, help="Money you have: how many families can be called?")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    households: int, tries: int, days: float, hours: float, talk_s: float, headroom: float, pulse_paise: float,
    lines: int | None, rupees: float | None, as_json: bool,
) -> None:  # fmt: skip
    """Say how many lines, calls per second, days and rupees a round needs."""
    try:
        demand = Demand(households, tries, days, hours, headroom, Behaviour(talk_s=talk_s))
    except ValueError as error:
        raise PlanRefused(str(error)) from None
    needed = plan(demand, pulse_paise=pulse_paise)
    answers: dict[str, object] = asdict(needed)
    if lines is not None:
        answers |= {
            "days_with_lines": days_with(lines, demand),
            "households_with_lines": households_with(lines, demand),
        }
    if rupees is not None:
        answers["households_for_rupees"] = households_for(rupees, demand, pulse_paise=pulse_paise)
    click.echo(json.dumps(answers) if as_json else _in_words(needed, demand, answers, lines, rupees))


def _in_words(needed: Plan, demand: Demand, answers: dict[str, object], lines: int | None, rupees: float | None) -> str:
    text = [
        f"{needed.households:,} families, {needed.tries} tries, {needed.days:g} days of {needed.hours_per_day:g} hours",
        f"  dials               {needed.dials:>14,}   ({needed.dials / needed.households:.2f} a family)",
        f"  families reached    {needed.reached:>14,}   ({needed.reached / needed.households:.0%})",
        f"  starts a second     {needed.starts_per_s:>14.2f}   (each holds a line for {needed.hold_s:.0f} s)",
        f"  lines in use        {needed.lines_busy:>14,}",
        f"  lines to buy        {needed.lines:>14,}   (with head-room; {needed.binds} decide)",
        f"  started minutes     {needed.pulses:>14,}",
        f"  rupees              {needed.rupees:>14,.0f}",
    ]
    if lines is not None:
        text.append(
            f"With {lines:,} lines: {answers['days_with_lines']:.1f} days, "
            f"or {answers['households_with_lines']:,} families in {needed.days:g} days"
        )
    if rupees is not None:
        text.append(f"With {rupees:,.0f} rupees: {answers['households_for_rupees']:,} families")
    over_s = seconds_to_the_next_pulse(demand.behaviour.talk_s)
    if over_s:
        text.append(f"A message {over_s:g} s shorter would cost one started minute less for every family reached.")
    return "\n".join(text)
