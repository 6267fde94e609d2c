"""Webhooks come up to five times, at once and in any order: the call ends as it would have, with the same answers."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from ptm.models import Call, ParticipationChange
from tests.callflow.stage import Delivery, Phone, Stage
from tests.unit.voice.ends import end_of


@dataclass(frozen=True)
class Scene:
    """A call that is on, and what the carrier still has to tell."""

    phone: Phone
    deliveries: Sequence[Delivery]


def at(phone: Phone, step: int, act: Callable[[], Delivery]) -> Delivery:
    """Return what the carrier posts to a step whose question we have not seen yet."""
    phone.at = step
    delivery = act()
    phone.at = None
    return delivery


def heard(stage: Stage) -> Scene:
    phone = stage.dial()
    return Scene(
        phone,
        [
            phone.answer(),
            at(phone, 0, lambda: phone.press("1")),
            at(phone, 1, phone.silence),
            at(phone, 2, lambda: phone.press("2")),
            phone.hang_up(),
        ],
    )


def recorded(stage: Stage) -> Scene:
    phone = stage.dial()
    phone.answer().deliver()
    phone.press("1").deliver()
    phone.silence().deliver()
    return Scene(
        phone,
        [
            at(phone, 2, lambda: phone.press("1")),
            at(phone, 3, lambda: phone.speak(12)),
            phone.recording_ready(),
            at(phone, 4, lambda: phone.press("2")),
            phone.hang_up(),
        ],
    )


def said_again(stage: Stage) -> Scene:
    phone = stage.dial()
    for deliver in (phone.answer, lambda: phone.press("1"), phone.silence, lambda: phone.press("1")):
        deliver().deliver()
    first = at(phone, 3, lambda: phone.speak(5))
    ready = phone.recording_ready(seconds=5)
    return Scene(
        phone,
        [
            first,
            at(phone, 4, lambda: phone.press("4")),
            at(phone, 5, lambda: phone.speak(9)),
            ready,
            phone.hang_up(),
        ],
    )


def spoke_and_gone(stage: Stage) -> Scene:
    """They hang up while they speak: the carrier tells of the recording alone, and nothing is asked any more."""
    phone = stage.dial()
    phone.answer().deliver()
    phone.press("1").deliver()
    phone.silence().deliver()
    phone.press("1").deliver()
    phone.speak(12)
    return Scene(phone, [phone.recording_ready(), phone.hang_up()])


def silent_and_gone(stage: Stage) -> Scene:
    scene = spoke_and_gone(stage)
    return Scene(scene.phone, [scene.phone.recording_ready(seconds=0.5), scene.phone.hang_up()])


def opted_out(stage: Stage) -> Scene:
    phone = stage.dial()
    return Scene(
        phone,
        [
            phone.ring(),
            phone.answer(),
            at(phone, 0, lambda: phone.press("9")),
            at(phone, 1, lambda: phone.press("9")),
            phone.hang_up(),
        ],
    )


def nine_and_gone(stage: Stage) -> Scene:
    phone = stage.dial()
    return Scene(phone, [phone.ring(), phone.answer(), at(phone, 0, lambda: phone.press("9")), phone.hang_up()])


def another_language(stage: Stage) -> Scene:
    phone = stage.dial()
    return Scene(
        phone,
        [
            phone.answer(),
            at(phone, 0, lambda: phone.press("*")),
            at(phone, 1, lambda: phone.press("2")),
            at(phone, 2, lambda: phone.press("1")),
            phone.hang_up(),
        ],
    )


def nobody_there(stage: Stage) -> Scene:
    phone = stage.dial()
    gone = phone.hang_up(HangupCauseCode="3000", CallStatus="no-answer")
    return Scene(phone, [phone.ring(), gone])


SCENES = [
    heard, recorded, said_again, spoke_and_gone, silent_and_gone, opted_out, nine_and_gone, another_language,
    nobody_there,
]  # fmt: skip


def play(scene: Scene, order: Sequence[int]) -> dict[str, Any]:
    for index in order:
        response = scene.deliveries[index].send()
        assert response.status_code == 200, response.text
    return end_of(scene.phone)


def in_order(stage: Stage, make: Callable[[Stage], Scene]) -> dict[str, Any]:
    scene = make(stage)
    return play(scene, range(len(scene.deliveries)))


def every_order(count: int) -> list[tuple[int, ...]]:
    return list(itertools.permutations(range(count)))


def disorder(stage: Stage, make: Callable[[Stage], Scene], how_many: int, seed: int) -> None:
    """Play a scene in so many orders, each delivery one to five times somewhere in it."""
    dice = random.Random(seed)
    expected = in_order(stage, make)
    orders = every_order(len(make(stage).deliveries))
    for number in range(how_many):
        order = list(orders[number % len(orders)] if how_many >= len(orders) else dice.choice(orders))
        for _ in range(dice.randrange(4)):
            order.insert(dice.randrange(len(order) + 1), dice.choice(order))
        assert play(make(stage), order) == expected, order


@pytest.mark.parametrize("make", SCENES)
def test_ten_orders_end_as_the_right_one(stage: Stage, make: Callable[[Stage], Scene]) -> None:
    disorder(stage, make, 10, seed=3)


@pytest.mark.long
@pytest.mark.parametrize("make", SCENES)
def test_every_order_many_times_ends_as_the_right_one(stage: Stage, make: Callable[[Stage], Scene]) -> None:
    """Ten thousand sequences over all scenes and both databases."""
    disorder(stage, make, 10_000 // len(SCENES) // 2, seed=4)


def test_each_delivery_five_times_is_answered_five_times_alike(stage: Stage) -> None:
    expected = in_order(stage, recorded)
    scene = recorded(stage)
    for delivery in scene.deliveries:
        assert len({delivery.send().text for _ in range(5)}) == 1
    assert end_of(scene.phone) == expected


def test_a_family_that_took_nine_back_and_was_overtaken_by_its_own_hanging_up_is_left_alone(stage: Stage) -> None:
    """The one order that counts: of two readings of what a family wanted, we take the one that calls nobody."""
    phone = stage.dial()
    phone.answer().deliver()
    phone.press("9").deliver()
    back = phone.press("1")
    phone.hang_up().deliver()
    back.deliver()
    assert "opted_out" in str(end_of(phone))
    assert phone.row().opted_out


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 0, 1)])
@pytest.mark.parametrize(("make", "reach"), [(spoke_and_gone, "recorded"), (silent_and_gone, "responded")])
def test_who_speaks_and_hangs_up_has_left_a_suggestion_in_either_order(
    stage: Stage, make: Callable[[Stage], Scene], reach: str, order: tuple[int, ...]
) -> None:
    scene = make(stage)
    with stage.runtime.database.reading() as tx:
        before = tx.scalar(select(func.max(ParticipationChange.id))) or 0
    for index in order:
        scene.deliveries[index].deliver()
    attempt = scene.phone.row()
    with stage.runtime.database.reading() as tx:
        call = tx.execute(select(Call.__table__).where(Call.id == attempt.call_id)).one()
        summed = [func.sum(getattr(ParticipationChange, name)) for name in ("ended", "responded", "recorded")]
        counts = tuple(tx.execute(select(*summed).where(ParticipationChange.id > before)).one())
    assert (attempt.reach, call.reach, call.state) == (reach, reach, "ended")
    assert counts == (1, int(reach == "responded"), int(reach == "recorded"))


# ---- at once ----


def at_once(deliveries: Sequence[Delivery]) -> list[str]:
    """Deliver from as many threads, all let go at the same moment, and return the answers."""
    start = threading.Barrier(len(deliveries))
    answers: list[str] = [""] * len(deliveries)

    def deliver(index: int, delivery: Delivery) -> None:
        client = delivery.phone.stage.client()
        start.wait()
        response = delivery.send(client)
        answers[index] = f"{response.status_code} {response.text}"

    threads = [threading.Thread(target=deliver, args=item) for item in enumerate(deliveries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def again(delivery: Delivery) -> Delivery:
    """Return the same delivery as the carrier would sign it anew."""
    return delivery.phone.make(delivery.path, delivery.form)


@pytest.mark.parametrize("make", SCENES)
def test_twins_that_come_at_once_are_one(stage: Stage, make: Callable[[Stage], Scene]) -> None:
    expected = in_order(stage, make)
    scene = make(stage)
    for delivery in scene.deliveries:
        answers = at_once([delivery, delivery, again(delivery), again(delivery)])
        assert len(set(answers)) == 1, answers
        assert answers[0].startswith("200 "), answers
    assert end_of(scene.phone) == expected


def test_a_whole_call_that_comes_at_once_ends_as_it_should(stage: Stage) -> None:
    for _ in range(5):
        scene = recorded(stage)
        answers = at_once(scene.deliveries)
        assert all(answer.startswith("200 ") for answer in answers), answers
        assert end_of(scene.phone) == in_order(stage, recorded)


def test_one_nonce_for_two_calls_at_once_serves_one_of_them(stage: Stage) -> None:
    one, other = stage.dial().answer(), stage.dial().answer()
    answers = at_once([one, Delivery(other.phone, other.path, other.form, one.nonce)])
    assert sorted(answer[:3] for answer in answers) == ["200", "403"]


def test_a_recording_told_twice_at_once_on_two_ways_holds_nobody_up(stage: Stage) -> None:
    """Its callback goes the quick way while its action, which came early, goes the thorough one: no deadlock."""
    for _ in range(10):
        scene = recorded(stage)
        action, ready = scene.deliveries[1], scene.deliveries[2]
        answers = at_once([action, ready, again(ready), again(action)])
        assert all(answer.startswith("200 ") for answer in answers), answers
