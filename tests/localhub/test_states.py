"""The state machine as data: every move of every actor from every state (HC §1.3)."""

import itertools

import pytest

from hubgate.localhub import states

ALLOWED = {
    ("pending", "accepted"), ("pending", "rejected"), ("pending", "reset"),
    ("accepted", "pending"), ("accepted", "rejected"), ("accepted", "reset"),
    ("rejected", "pending"), ("rejected", "accepted"), ("rejected", "reset"),
    ("reset", "pending"), ("reset", "accepted"), ("reset", "rejected"),
}  # fmt: skip


@pytest.mark.parametrize(("current", "target"), list(itertools.product((None, *states.STATUSES), states.STATUSES)))
def test_handle_moves_between_different_states_only(current, target):
    assert states.may_handle(current, target) is ((current, target) in ALLOWED)


@pytest.mark.parametrize(
    ("current", "gate", "expected"),
    [
        (None, "manual", "pending"),
        (None, "auto", "accepted"),
        ("reset", "manual", "pending"),
        ("reset", "auto", "accepted"),
        ("pending", "manual", None),
        ("pending", "auto", None),
        ("accepted", "manual", None),
        ("rejected", "manual", None),
        ("rejected", "auto", None),
    ],
)
def test_asking_changes_only_a_missing_or_reset_request(current, gate, expected):
    assert states.after_asking(current, gate) == expected


@pytest.mark.parametrize("current", [None, *states.STATUSES])
def test_only_a_pending_request_can_be_withdrawn(current):
    assert states.may_cancel(current) is (current == "pending")


@pytest.mark.parametrize("current", [None, *states.STATUSES])
def test_grant_lets_everybody_in_who_is_not(current):
    assert states.may_grant(current) is (current != "accepted")
