"""Which round a school is in: the one running, else the next, else the last, from any area above it."""

from __future__ import annotations

from datetime import timedelta

from ivr.consoles.rounds import current_rounds
from ptm.models import Round
from tests.web.conftest import Places
from tests.web.district import District


def names(district: District, places: Places) -> tuple[str | None, str | None]:
    """Return the rounds of the school and of the one in the other district."""
    with district.runtime.database.reading_session() as session:
        found = current_rounds(session, [places.school, places.other_school], district.now)
        both = [found.get(school_id) for school_id in (places.school, places.other_school)]
        return both[0].name if both[0] else None, both[1].name if both[1] else None


def open_round(district: District, name: str, starts_in_days: int, area_id: int | None = None) -> int:
    starts = district.now.date() + timedelta(days=starts_in_days)
    values = {"name": name, "starts_on_ist": starts, "ends_on_ist": starts + timedelta(days=5)}
    return district.open_round(**values, **({"area_id": area_id} if area_id else {}))


def test_a_round_of_the_state_is_every_schools(district: District, places: Places) -> None:
    assert names(district, places) == ("Winter week", "Winter week")


def test_a_round_of_one_district_is_not_the_others(district: District, places: Places) -> None:
    open_round(district, "Our own", 0, places.district)
    assert names(district, places) == ("Our own", "Winter week")


def test_the_running_round_counts_before_the_coming_and_the_coming_before_the_past(
    district: District, places: Places
) -> None:
    open_round(district, "Coming", 20)
    open_round(district, "Past", -20)
    assert names(district, places)[0] == "Winter week"
    with district.runtime.database.session() as session:
        session.delete(session.get_one(Round, district.round_id))
    assert names(district, places)[0] == "Coming"


def test_without_a_running_or_a_coming_round_the_last_one_counts(district: District, places: Places) -> None:
    with district.runtime.database.session() as session:
        session.delete(session.get_one(Round, district.round_id))
    assert names(district, places) == (None, None)
    open_round(district, "Long past", -60)
    open_round(district, "Past", -20)
    assert names(district, places)[0] == "Past"


def test_the_nearest_of_two_coming_rounds_counts(district: District, places: Places) -> None:
    with district.runtime.database.session() as session:
        session.delete(session.get_one(Round, district.round_id))
    open_round(district, "Later", 30)
    open_round(district, "Sooner", 10)
    assert names(district, places)[0] == "Sooner"
