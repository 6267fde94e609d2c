"""The cast: a teacher and everybody who must not see what is hers; each of them before a browser of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from callqueue.runtime import Runtime
from ivr.app import create_app
from tests.web.browsing import Browser
from tests.web.district import District, Family
from tests.web.standing import database, database_url, migrated

__all__ = ["database", "database_url", "migrated"]


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once: doing it anew for each test's application took most of a test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(runtime: Runtime, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    app = create_app(runtime)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["voice"].close()


@pytest.fixture
def district(runtime: Runtime) -> District:
    return District(runtime)


@dataclass(frozen=True)
class Places:
    """Class 5A is the teacher's; 5B of the same school, and classes near and far, are not."""

    district: int
    other_district: int
    school: int
    other_school: int
    class_5a: int
    class_5b: int
    near_class: int
    other_class: int


@pytest.fixture
def places(district: District) -> Places:
    here, there = district.area("district", district.state), district.area("district", district.state)
    school, other_school = district.school(here), district.school(there)
    return Places(
        here, there, school, other_school, district.school_class(school, "5A"), district.school_class(school, "5B"),
        district.school_class(district.school(here), "5A"), district.school_class(other_school, "5A"),
    )  # fmt: skip


class Cast:
    """Everybody, signed in when first asked for."""

    def __init__(self, app: Flask, district: District, places: Places) -> None:
        self._app, self._district, self._places = app, district, places
        self._known: dict[str, Browser] = {}

    def named(self, who: str) -> Browser:
        """Return a person by the name of their fixture."""
        if who not in self._known:
            self._known[who] = self._teacher(who) if who in self._teachers else self._of_area(who)
        return self._known[who]

    @property
    def _teachers(self) -> dict[str, tuple[int, int]]:
        places = self._places
        return {
            "teacher": (places.school, places.class_5a),
            "colleague": (places.school, places.class_5b),
            "other_teacher": (places.other_school, places.other_class),
        }

    def _teacher(self, who: str) -> Browser:
        school_id, class_id = self._teachers[who]
        user_id = self._district.person(_login(who), "teacher", school_id=school_id)
        self._district.give_class(class_id, user_id)
        return self._signed_in(user_id, who)

    def _of_area(self, who: str) -> Browser:
        role = who.removeprefix("other_")
        area = {role: self._places.district, f"other_{role}": self._places.other_district}[who]
        area_id = None if role == "operator" else area
        return self._signed_in(self._district.person(_login(who), role, area_id=area_id), who)

    def _signed_in(self, user_id: int, who: str) -> Browser:
        browser = Browser(self._app, user_id, _login(who))
        assert browser.sign_in().status_code == 303
        return browser


def _login(who: str) -> str:
    return who.replace("_", "-")


@pytest.fixture
def cast(app: Flask, district: District, places: Places) -> Cast:
    return Cast(app, district, places)


@pytest.fixture
def teacher(cast: Cast) -> Browser:
    return cast.named("teacher")


@pytest.fixture
def colleague(cast: Cast) -> Browser:
    """Teaches 5B of the same school."""
    return cast.named("colleague")


@pytest.fixture
def other_teacher(cast: Cast) -> Browser:
    """Teaches in another district."""
    return cast.named("other_teacher")


@pytest.fixture
def analyst(cast: Cast) -> Browser:
    return cast.named("analyst")


@pytest.fixture
def other_analyst(cast: Cast) -> Browser:
    return cast.named("other_analyst")


@pytest.fixture
def leader(cast: Cast) -> Browser:
    return cast.named("leader")


@pytest.fixture
def other_leader(cast: Cast) -> Browser:
    return cast.named("other_leader")


@pytest.fixture
def operator(cast: Cast) -> Browser:
    return cast.named("operator")


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Is signed in as nobody."""
    return Browser(app)


@pytest.fixture
def family(district: District, places: Places) -> Family:
    return district.family(places.class_5a)
