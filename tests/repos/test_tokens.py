"""Tokens that die, are narrow, or are another account's; a repository that is gone: four messages, each told once."""

from __future__ import annotations

import logging

import pytest

from access.models import AccessRequest
from hubgate.notify.models import Notification
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from repos import actions
from repos.models import Namespace, Repository
from tests import factories
from tests.labfixtures import Lab


def spoil(lab: Lab, case: str) -> None:
    if case == "revoked":
        lab.hub.token("aurora-lab", secret=lab.token, expired=True)
    elif case == "read-only":
        lab.hub.token("aurora-lab", secret=lab.token, role="read")
    elif case == "reads requests only":
        scope = {"entity": {"type": "user", "name": "aurora-lab"}, "permissions": ["repo.access.read"]}
        lab.hub.token("aurora-lab", secret=lab.token, role="fineGrained", scoped=[scope])
    elif case == "narrow":
        lab.hub.token("aurora-lab", secret=lab.token, role="fineGrained", scoped=[])
    else:
        stranger = str(lab.hub.person("stranger")["tokens"][0])
        actions.connect(actor=factories.actor(lab.author), name="aurora-lab", token=stranger)


def check(lab: Lab) -> None:
    """The stored token is asked about again, as after a refusal."""
    actions.check_token(actor=factories.actor(lab.author), namespace=lab.namespace)
    worker.drain(actions.CHECK_TOKEN)


CASES = {
    "revoked": ("dead", "no longer accepts the token"),
    "read-only": ("narrow", "token of the kind read"),
    "reads requests only": ("read_only", "but not decide them"),
    "narrow": ("narrow", "neither read nor decide"),
    "wrong account": ("wrong_account", "has no role in aurora-lab"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_trouble_has_its_own_words_and_deletes_nothing(lab: Lab, case: str, caplog: pytest.LogCaptureFixture):
    repository = lab.repository()
    lab.ask(repository, "kim")
    with caplog.at_level(logging.DEBUG):
        spoil(lab, case)
        for _ in range(3):
            check(lab)
            lab.mirror()
    state, words = CASES[case]
    namespace = lab.namespace
    assert namespace.token_state == state
    assert words in namespace.token_note
    told = Notification.objects.filter(kind="repos.token-broken", user=lab.author).count()
    assert told == (state != "read_only")
    assert Repository.objects.get().missing_since is None
    assert AccessRequest.objects.get().status == "pending"
    for text in (caplog.text, namespace.token_note, namespace.mirror_error, str(list(OutboxItem.objects.values()))):
        assert "hf_" not in text


def test_the_mirror_finds_out_by_itself_and_the_author_is_told_once(lab: Lab):
    repository = lab.repository()
    lab.ask(repository, "kim")
    spoil(lab, "revoked")
    for _ in range(3):
        Namespace.objects.update(token_checked_at=None)
        if lab.namespace.token_state == "working":
            assert "no longer accepts the token" in lab.read_due(repository).error
        worker.drain(actions.CHECK_TOKEN)
    assert lab.namespace.token_state == "dead"
    assert Notification.objects.filter(kind="repos.token-broken").count() == 1
    assert actions.claim_namespace(now=lab.namespace.mirror_due_at) is None

    fresh = lab.hub.token("aurora-lab")
    actions.connect(actor=factories.actor(lab.author), name="aurora-lab", token=fresh)
    worker.drain(actions.CHECK_TOKEN)
    assert lab.namespace.token_state == "working"
    assert not lab.read_due(repository).error


def test_all_four_messages_differ(lab: Lab):
    repository = lab.repository()
    lab.ask(repository, "kim")
    notes = set()
    for case in ("narrow", "read-only", "revoked", "wrong account"):
        spoil(lab, case)
        check(lab)
        notes.add(lab.namespace.token_note)
    actions.connect(actor=factories.actor(lab.author), name="aurora-lab", token=lab.hub.token("aurora-lab"))
    worker.drain(actions.CHECK_TOKEN)
    lab.hub.delete_repo(repository.name)
    notes.add(lab.read_due(repository).error)
    assert len(notes) == 5
    assert all(note.strip() for note in notes)


def test_a_hub_that_is_away_is_no_dead_token(lab: Lab):
    lab.hub.fault("server_error", path="/api/whoami")
    check(lab)
    assert lab.namespace.token_state == "unreachable"
    assert OutboxItem.objects.filter(kind=actions.CHECK_TOKEN, parked_at=None).exists()
    lab.hub.clear_faults()
    actions.check_token(actor=factories.actor(lab.author), namespace=lab.namespace)
    worker.drain(actions.CHECK_TOKEN)
    assert lab.namespace.token_state == "working"
    assert not Notification.objects.exists()
