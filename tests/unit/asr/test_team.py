"""A team of processes teaches one network: what its members find is found once, and whoever fails ends it for all."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from asr.training.team import Member, together


def test_each_hears_its_part_and_nothing_is_heard_twice() -> None:
    batch = list(range(7))
    parts = [list(Member(number, 2, os.getpid()).part(batch)) for number in (0, 1)]
    assert all(parts)
    assert sorted(parts[0] + parts[1]) == batch


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="wants the extra `training`")


def slopes(torch: Any, member: Member) -> list[Any]:
    """Two parameters of different shapes, whose slopes are those of the member."""
    factors = [torch.tensor([1.0, 4.0]), torch.tensor([[2.0], [6.0], [8.0]])]
    parameters = [torch.zeros(factor.shape, requires_grad=True) for factor in factors]
    sum((p * factor).sum() * (member.number + 1) for p, factor in zip(parameters, factors, strict=True)).backward()
    return parameters


@pytest.mark.long
def test_a_team_takes_the_mean_of_its_slopes(torch: Any) -> None:
    def teach(member: Member) -> list[list[float]]:
        parameters = slopes(torch, member)
        member.agree(parameters)
        return [parameter.grad.flatten().tolist() for parameter in parameters]

    assert together(teach) == [[1.5, 6.0], [3.0, 9.0, 12.0]]


def fails_between(torch: Any, member: Member) -> None:
    member.agree(slopes(torch, member))
    if member.number == 1:
        raise ValueError("the second member cannot go on")
    member.agree(slopes(torch, member))


def fails_last(torch: Any, member: Member) -> None:
    member.agree(slopes(torch, member))
    if member.number == 1:
        raise ValueError("the second member cannot end")


def is_killed(torch: Any, member: Member) -> None:
    if member.number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    member.agree(slopes(torch, member))


@pytest.mark.long
@pytest.mark.parametrize("lesson", [fails_between, fails_last, is_killed])
def test_a_member_that_fails_ends_the_teaching(torch: Any, lesson: Callable[[Any, Member], None]) -> None:
    with pytest.raises(RuntimeError, match="teaching the network failed"):
        together(lambda member: lesson(torch, member))


@pytest.mark.long
def test_a_member_that_never_comes_ends_the_teaching(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before they have met, nobody is missed by the others."""
    meet = torch.distributed.init_process_group

    def late(*args: Any, rank: int, **options: Any) -> None:
        if rank == 1:
            os._exit(3)
        meet(*args, rank=rank, **options)

    monkeypatch.setattr(torch.distributed, "init_process_group", late)
    with pytest.raises(RuntimeError, match="teaching the network failed"):
        together(lambda member: member.number)


@pytest.mark.long
def test_whoever_waits_no_more_ends_the_teaching(torch: Any) -> None:
    with pytest.raises(SystemExit, match="is gone"):
        Member(0, 1, caller=os.getpid()).agree(slopes(torch, Member(0, 1, os.getpid())))
