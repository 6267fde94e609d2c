"""A team of processes teaches one network: what its members find is found once, and a failure is told."""

from __future__ import annotations

import pytest

from asr.training.team import Member, together


def test_each_hears_its_part_and_nothing_is_heard_twice() -> None:
    batch = list(range(7))
    parts = [list(Member(number, 2).part(batch)) for number in (0, 1)]
    assert sorted(parts[0] + parts[1]) == batch


@pytest.mark.long
def test_a_team_takes_the_mean_of_its_slopes() -> None:
    torch = pytest.importorskip("torch", reason="wants the extra `training`")

    def teach(member: Member) -> list[float]:
        parameter = torch.zeros(2, requires_grad=True)
        (parameter * torch.tensor([1.0, 4.0]) * (member.number + 1)).sum().backward()
        member.agree([parameter])
        return [float(slope) for slope in parameter.grad]

    assert together(teach) == [1.5, 6.0]


@pytest.mark.long
def test_a_member_that_fails_ends_the_teaching() -> None:
    pytest.importorskip("torch", reason="wants the extra `training`")

    def teach(member: Member) -> None:
        raise ValueError(f"member {member.number} cannot go on")

    with pytest.raises(RuntimeError, match="teaching the network failed"):
        together(teach)
