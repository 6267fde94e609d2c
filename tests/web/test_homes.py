"""Everybody who signs in arrives at pages of their own."""

from __future__ import annotations

import pytest

from tests.web.browsing import Browser
from tests.web.conftest import Cast


@pytest.mark.parametrize(
    ("who", "title"),
    [
        ("teacher", "My classes"),
        ("analyst", "What parents said"),
        ("leader", "Participation"),
        ("operator", "System"),
    ],
)
def test_everybody_arrives_at_their_own_page(who: str, title: str, cast: Cast) -> None:
    browser = cast.named(who)
    home = browser.get("/")
    assert home.status_code == 303
    page = browser.get(home.location)
    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.text


def test_a_stranger_is_asked_to_sign_in_and_then_brought_back(stranger: Browser, teacher: Browser) -> None:
    asked = stranger.get("/teacher/")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/teacher/")
    signed_in = stranger.sign_in(login=teacher.login, next="/teacher/")
    assert signed_in.location == "/teacher/"


def test_the_front_page_leads_a_stranger_to_the_sign_in_page(stranger: Browser) -> None:
    assert stranger.get("/").location == "/sign-in?next=/"
