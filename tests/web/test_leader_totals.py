"""A leader's tile never says "0" of families who are shown as "under 10" below it."""

from __future__ import annotations

from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District
from tests.web.test_leader import called


def test_fewer_than_ten_families_are_under_ten_on_the_tile_too(
    leader: Browser, district: District, places: Places
) -> None:
    called(district, places.class_5a, families=23, heard=20)
    page = leader.get("/leader/").text
    assert "<b>under 10</b> not reached" in page
    assert "<b>0</b>" not in page
