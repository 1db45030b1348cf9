"""The invitation for the first administrator."""

from __future__ import annotations

import pytest

from cliquet.plugins.accounts.invitation import Invitation


class Clock:
    """A clock that tests set, in ms."""

    now = 1_000_000

    def __call__(self) -> int:
        return self.now


def test_without_an_invitation_nobody_is_invited() -> None:
    invitation = Invitation(Clock(), ttl=1000)
    assert not invitation.is_for("")
    assert not invitation.is_for("anything")


def test_an_invitation_is_good_for_a_while() -> None:
    clock = Clock()
    invitation = Invitation(clock, ttl=1000)
    token = invitation.issue()
    clock.now += 999
    assert invitation.is_for(token)
    clock.now += 1
    assert not invitation.is_for(token)


def test_a_new_invitation_replaces_the_old_one() -> None:
    invitation = Invitation(Clock(), ttl=1000)
    old, new = invitation.issue(), invitation.issue()
    assert old != new
    assert not invitation.is_for(old)
    assert invitation.is_for(new)


def test_an_invitation_can_be_withdrawn() -> None:
    invitation = Invitation(Clock(), ttl=1000)
    token = invitation.issue()
    invitation.withdraw()
    assert not invitation.is_for(token)


@pytest.mark.parametrize("token", ["", "\0", "é", "\ud800", "x" * 100_000])
def test_any_text_may_be_tried(token: str) -> None:
    invitation = Invitation(Clock(), ttl=1000)
    invitation.issue()
    assert not invitation.is_for(token)
