"""sunvai user: who may sign in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from callqueue.runtime import Runtime
from ptm import people
from ptm.class_teachers import load_classes, set_classes
from ptm.errors import PersonRefused
from ptm.models import Area, School, SchoolClass, User
from ptm.passwords import generate_password
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


@command.command()
@click.argument("login")
@click.argument("names", nargs=-1, metavar="[5A 5B ...]")
@click.option("--new", is_flag=True, help="Make those that the school does not have yet.")
@click.option("--take", is_flag=True, help="Take over those of another teacher.")
@click.option("--none", "nothing", is_flag=True, help="Take every class away.")
def classes(login: str, names: tuple[str, ...], new: bool, take: bool, nothing: bool) -> None:
    """Say what the teacher LOGIN is to teach, all of it; without a class, show what they teach now."""
    if names and nothing:
        raise click.UsageError("Name classes or say --none, not both.")
    with _opened() as (runtime, session):
        person = people.find_person(session, login)
        if person.school_id is None:
            raise PersonRefused(f"{person.login} has the role {person.role}; only a teacher has classes.")
        handed = []
        if names or nothing:
            handed = set_classes(
                session, person, names, make_new=new, take_over=take, by=None, now=runtime.clock.now()
            )  # fmt: skip
        taught = [one.name for one in load_classes(session, person.school_id) if one.teacher_id == person.id]
    for one in handed:
        click.echo(f"{one.name}: {one.before or 'nobody'} -> {one.after or 'nobody'}")
    click.echo(f"{person.login} teaches {', '.join(taught) or 'no class'}.")


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
