"""sunvai user: who may sign in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from callqueue.runtime import Runtime
from ptm import people
from ptm.models import Area, School, SchoolClass, User
from ptm.passwords import generate_password
from ptm.roster.classes import parse_class
from ptm.roster.refusals import CellRefused
from ptm.settings import load_settings


@click.group()
def command() -> None:
    """Add, shut out and list people who may sign in."""


@command.command()
@click.argument("login")
@click.option("--name", required=True, help="How pages call them.")
@click.option("--role", required=True, type=click.Choice(people.ROLES))
@click.option("--school", default="", metavar="UDISE", help="A teacher's school.")
@click.option("--class", "classes", multiple=True, metavar="5A", help="A teacher's class; give it for each.")
@click.option("--area", default="", metavar="CODE", help="An analyst's or leader's area, like 0301.")
@click.option("--generate", is_flag=True, help="Make up a password and show it once.")
def add(login: str, name: str, role: str, school: str, classes: tuple[str, ...], area: str, generate: bool) -> None:
    """Add LOGIN. The password is asked for, read from a pipe, or with --generate made up."""
    password = generate_password() if generate else _password()
    with _opened() as (runtime, session):
        _refuse_unknown_classes(session, school, classes)
        person = people.add_person(
            session, login=login, name=name, role=role, password=password, school=school, classes=classes, area=area,
            by=None, now=runtime.clock.now(),
        )  # fmt: skip
    click.echo(f"{person.login} may sign in as {person.role}.")
    _show(password, generate)


@command.command()
@click.argument("login")
@click.option("--generate", is_flag=True, help="Make up a password and show it once.")
def password(login: str, generate: bool) -> None:
    """Give LOGIN a new password and end all their sessions."""
    new = generate_password() if generate else _password()
    with _opened() as (runtime, session):
        person = people.find_person(session, login)
        people.give_password(session, person.id, new, by=None, now=runtime.clock.now())
    click.echo(f"{person.login} has a new password; their sessions have ended.")
    _show(new, generate)


@command.command()
@click.argument("login")
def disable(login: str) -> None:
    """Shut LOGIN out at once: no sign-in, and every session ends."""
    with _opened() as (runtime, session):
        person = people.find_person(session, login)
        was_in = people.disable(session, person.id, by=None, now=runtime.clock.now())
    click.echo(f"{person.login} is shut out." if was_in else f"{person.login} was shut out already.")


@command.command()
@click.argument("login")
def enable(login: str) -> None:
    """Let LOGIN in again, with the password they had."""
    with _opened() as (runtime, session):
        person = people.find_person(session, login)
        was_out = people.enable(session, person.id, by=None, now=runtime.clock.now())
    click.echo(f"{person.login} may sign in again." if was_out else f"{person.login} may sign in already.")


@command.command("list")
def list_people() -> None:
    """List everybody, one a line: sign-in name, role, place, state, name."""
    with _opened() as (_, session):
        rows = session.execute(
            select(User, Area.kind, Area.code, School.udise)
            .outerjoin(Area, Area.id == User.area_id)
            .outerjoin(School, School.id == User.school_id)
            .order_by(User.login)
        ).all()
        taught = session.execute(select(SchoolClass.teacher_id, SchoolClass.name).order_by(SchoolClass.name)).all()
    for person, kind, code, udise in rows:
        classes = [name for teacher_id, name in taught if teacher_id == person.id]
        place = f"{kind}:{code}" if kind else " ".join([udise, *classes]) if udise else "everywhere"
        state = "shut out" if person.disabled_at else "may sign in"
        click.echo(f"{person.login:<24} {person.role:<9} {place:<28} {state:<12} {person.name}")


def _refuse_unknown_classes(session: Session, udise: str, names: tuple[str, ...]) -> None:
    """Refuse a class that a school's list does not have; before its first list came, a school may get any."""
    there = set(session.scalars(select(SchoolClass.name).join(School).where(School.udise == udise.strip())))
    for name in names:
        with suppress(CellRefused):  # what is no class at all is refused in its own words
            if there and parse_class(name) not in there:
                raise people.PersonRefused(f"School {udise} has no class {name}; it has {', '.join(sorted(there))}.")


@contextmanager
def _opened() -> Iterator[tuple[Runtime, Session]]:
    """Open one transaction on the configured database; it commits at the end of the block."""
    runtime = Runtime(load_settings())
    try:
        with runtime.database.session() as session:
            yield runtime, session
    finally:
        runtime.database.dispose()


def _password() -> str:
    """Ask twice at a terminal; take the first line of a pipe."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt="Once more"))
    return sys.stdin.readline().rstrip("\r\n")


def _show(password: str, generated: bool) -> None:
    if generated:
        click.echo(f"Password (shown this once): {password}")
