"""The running application before a real Chromium, on a class in the middle of its calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from callqueue.runtime import Runtime
from ivr.app import create_app
from ivr.trees.model import LANGUAGES
from ivr.voice.parts import studio_of
from prompts.studio import Request, Studio
from ptm import schema
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.settings import load_settings
from tests.browser.sample import Sample, fill
from tests.conftest import NOW, ROOT, SECRETS, TestRuntime
from tests.contract.browser import Tab, found, opened_browser
from tests.web.district import PASSWORD, District

# A few prompts that can be heard; the others are shown as not built.
BUILT = ("apology", "goodbye.thanks", "meet.choose", "listen.speak")
# The head is a leader, too: of the whole state.
ROLES = ("teacher", "analyst", "leader", "head", "operator")
Browse = Callable[[str], AbstractContextManager[Tab]]


@dataclass(frozen=True)
class Site:
    """The application at an address, and what stands in it."""

    url: str
    runtime: Runtime
    sample: Sample
    roles: tuple[str, ...] = ROLES

    @contextmanager
    def opened_studio(self) -> Iterator[Studio]:
        """Give a studio over the same clips, as another process has it."""
        with closing(studio_of(self.runtime)) as studio:
            yield studio


@contextmanager
def opened_site(folder: Path, redis_url: str) -> Iterator[Site]:
    """Serve the application on a free port over an SQLite database of its own: pages look alike on both kinds."""
    environ = SECRETS | {
        "SUNVAI_DATABASE__URL": f"sqlite:///{folder}/sunvai.db",
        "SUNVAI_REDIS__URL": redis_url,
        "SUNVAI_STORAGE__FOLDER": str(folder / "var"),
        "SUNVAI_CARRIER__TEACHER_NUMBER": "918035731002",
    }
    settings = load_settings(ROOT / "config.toml", environ)
    database = Database(settings.database.url)
    schema.upgrade(database)
    runtime = TestRuntime(settings, database, ManualClock(NOW))
    sample = _furnish(runtime)
    with closing(studio_of(runtime)) as studio:
        studio.prepare(Request(prompt, language) for prompt in BUILT for language in LANGUAGES)
    app = create_app(runtime)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", runtime, sample)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["voice"].close()
        database.dispose()
        runtime.redis.close()


def _furnish(runtime: Runtime) -> Sample:
    district = District(runtime)
    here = district.area("district", district.state)
    school, others = (
        district.school(here, "Government Primary School Rampur"),
        [district.school(here) for _ in range(3)],
    )
    areas = {"analyst": here, "leader": here, "head": district.state}
    people = {
        login: district.person(
            login, "leader" if login == "head" else login, area_id=areas.get(login),
            school_id=school if login == "teacher" else None,
        )
        for login in ROLES
    }  # fmt: skip
    colleague = district.person("colleague", "teacher", school_id=school)
    class_id = district.school_class(school, "5A", people["teacher"])
    district.school_class(school, "4B", people["teacher"])
    return fill(district, here, class_id, [district.school_class(other, "5A") for other in others], colleague)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Site]:
    with opened_site(tmp_path_factory.mktemp("site"), redis_url) as site:
        yield site


@pytest.fixture(scope="module")
def binary() -> str:
    return found() or pytest.skip("no Chromium: pages are not looked at (apt-get install chromium)")


@pytest.fixture
def browse(binary: str, tmp_path: Path) -> Iterator[Browse]:
    """Open pages in a browser with no cookies yet."""
    with opened_browser(binary, tmp_path / "profile") as browse:
        yield browse


def sign_in(tab: Tab, login: str, password: str = PASSWORD) -> None:
    """Type name and password and press the button, as a person does."""
    tab.run(f"document.querySelector('[name=login]').value = '{login}'")
    tab.run(f"document.querySelector('[name=password]').value = '{password}'")
    tab.click("button.main")
    tab.until("document.readyState === 'complete' && !location.pathname.startsWith('/sign-in')")


def go(tab: Tab, url: str) -> None:
    """Open another page in the same tab and wait until all of it is there."""
    tab.run("window.left = true")
    tab.ask("Page.navigate", url=url)
    tab.until("!window.left && document.readyState === 'complete'")
