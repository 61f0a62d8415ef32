"""An author sets and clears; readers propose; authors rule; who is told what."""

from __future__ import annotations

import pytest

from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError, WrongStateError
from hubgate.hub.types import CommitInfo
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox.models import OutboxItem
from repos import actions as repo_actions
from repos.models import Namespace
from repos.rules import CONTENT_TAG
from tagging import actions, events, queries
from tagging.models import Proposal, Ruling, Tag
from tests import factories
from tests.tagging.conftest import PLAIN, TAGGED, decide, propose, state


def told(kind: str) -> list[str]:
    return sorted(Notification.objects.filter(kind=kind).values_list("user__username", flat=True))


def trail() -> list[str]:
    return list(AuditEvent.objects.filter(event__startswith="tagging.").order_by("pk").values_list("event", flat=True))


def carried(repository) -> None:
    """As if the Hub had taken what waits."""
    tag = Tag.objects.get(repository=repository)
    actions.record_committed(tag=tag, commit=CommitInfo("a" * 40, "https://hub.example/commit", None))
    OutboxItem.objects.filter(kind=CONTENT_TAG).delete()


def test_setting_writes_the_word_the_history_the_trail_and_one_piece_of_work(author, repository):
    decide(author, repository)
    decide(author, repository, is_set=False, reason="A mistake.")
    tag = Tag.objects.get()
    assert (tag.is_set, tag.waits, tag.ruling.reason) == (False, True, "A mistake.")
    assert [ruling.outcome for ruling in queries.rulings(repository)] == ["cleared", "set"]
    assert trail() == [events.SET, events.CLEARED]
    item = OutboxItem.objects.get(kind=CONTENT_TAG)
    assert (item.key, item.wanted) == (str(repository.pk), 2)


@pytest.mark.parametrize("reason", ["", "  \r\n", "x" * 2001])
def test_a_reason_is_due_and_bounded(author, repository, reason):
    with pytest.raises(InvalidInputError) as refused:
        decide(author, repository, reason=reason)
    assert "reason" in refused.value.fields
    assert not Tag.objects.exists()


def test_only_an_author_sets_it(author, reader, repository):
    with pytest.raises(NotAllowedError):
        decide(reader, repository)
    other = factories.make_author("other-lab", "olaf")
    with pytest.raises(NotAllowedError):
        decide(other, repository)
    assert not Tag.objects.exists()


def test_a_private_repository_is_hidden_from_readers(author, reader):
    private = factories.make_repository("aurora-lab/secret", private=True)
    for attempt in (decide, propose):
        with pytest.raises(NotFoundOrHiddenError):
            attempt(reader, private)
    with pytest.raises(NotFoundOrHiddenError):
        queries.get_visible(factories.actor(reader), private.pk)
    assert queries.find(factories.actor(reader), "aurora-lab/secret") == []
    decide(author, private)


def test_a_namespace_that_is_only_read_refuses_with_the_sentence(author, repository, reader):
    proposal = propose(reader, repository)
    namespace = Namespace.objects.get()
    repo_actions.switch_changes(actor=factories.actor(author), namespace=namespace, on=False)
    for attempt in (
        lambda: decide(author, repository),
        lambda: actions.rule(actor=factories.actor(author), proposal_id=proposal.pk, accept=True, reason="Yes"),
    ):
        with pytest.raises(WrongStateError, match="only reads aurora-lab"):
            attempt()
    assert not Ruling.objects.exists()
    assert Proposal.objects.get().status == "open"
    actions.rule(actor=factories.actor(author), proposal_id=proposal.pk, accept=False, reason="No")


def test_what_is_so_already_is_refused(author, repository):
    with pytest.raises(WrongStateError, match="has no such tag"):
        decide(author, repository, is_set=False)
    decide(author, repository)
    with pytest.raises(WrongStateError, match="set already"):
        decide(author, repository)
    tagged = factories.make_repository("aurora-lab/tagged", card=TAGGED)
    with pytest.raises(WrongStateError, match="has the tag already"):
        decide(author, tagged)


def test_a_proposal_is_told_to_authors_and_its_ruling_to_the_proposer(author, reader, repository):
    second = factories.make_author("aurora-lab", "lin")
    proposal = propose(reader, repository, links=["https://hub.example/samples/12.txt"])
    assert proposal.wants_set is True
    assert told("tagging.proposed") == ["lin", "mara"]
    assert Delivery.objects.count() == 2
    assert queries.count_to_rule(factories.actor(second)) == 1
    actions.rule(actor=factories.actor(author), proposal_id=proposal.pk, accept=True, reason="Right, thank you.")
    assert told("tagging.accepted") == ["nia"]
    assert Notification.objects.get(kind="tagging.accepted").data["reason"] == "Right, thank you."
    assert state(author, repository).is_set is True
    assert Ruling.objects.get().proposal == proposal
    assert trail() == [events.PROPOSED, events.ACCEPTED]
    assert OutboxItem.objects.filter(kind=CONTENT_TAG).count() == 1


def test_a_declined_proposal_leaves_the_tag_and_gives_its_reason(author, reader, repository):
    proposal = propose(reader, repository)
    actions.rule(actor=factories.actor(author), proposal_id=proposal.pk, accept=False, reason="It is a chess engine.")
    assert told("tagging.declined") == ["nia"]
    assert not Tag.objects.exists()
    assert [(ruling.outcome, ruling.reason) for ruling in queries.rulings(repository)] == [
        ("kept", "It is a chess engine.")
    ]
    assert not OutboxItem.objects.filter(kind=CONTENT_TAG).exists()
    propose(reader, repository, "look again")


def test_no_notice_and_no_event_holds_evidence_or_the_proposers_name(author, reader, repository):
    proposal = propose(reader, repository, "canary evidence", links=["https://canary.example/"])
    actions.rule(actor=factories.actor(author), proposal_id=proposal.pk, accept=True, reason="Yes.")
    held = [str(row.data) for row in Notification.objects.all()] + [str(row.data) for row in AuditEvent.objects.all()]
    assert held
    assert not [data for data in held if "canary" in data or "nia" in data.lower()]


def test_one_open_proposal_for_a_person_and_a_repository(author, reader, repository):
    first = propose(reader, repository)
    with pytest.raises(WrongStateError, match="open already"):
        propose(reader, repository)
    propose(factories.make_author("other-lab", "olaf"), repository)
    actions.withdraw(actor=factories.actor(reader), proposal_id=first.pk)
    propose(reader, repository, "again")


def test_an_author_sets_it_instead_of_proposing(author, repository):
    with pytest.raises(NotAllowedError, match="yourself"):
        propose(author, repository)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"evidence": " "}, "evidence"),
        ({"evidence": "x" * 4001}, "evidence"),
        ({"links": ["javascript:alert(1)"]}, "links"),
        ({"links": ["https://user:secret@hub.example/"]}, "links"),
        ({"links": [f"https://hub.example/{number}" for number in range(6)]}, "links"),
        ({"links": ["https://hub.example/" + "x" * 500]}, "links"),
        ({"links": ["https://[broken"]}, "links"),
    ],
)
def test_evidence_is_bounded(author, reader, repository, facts, field):
    with pytest.raises(InvalidInputError) as refused:
        propose(reader, repository, **facts)
    assert list(refused.value.fields) == [field]
    assert not Proposal.objects.exists()


def test_others_of_the_same_are_accepted_with_the_ruling(author, reader, repository):
    other = factories.make_author("other-lab", "olaf")
    propose(reader, repository)
    propose(other, repository)
    decide(author, repository)
    assert set(Proposal.objects.values_list("status", flat=True)) == {"accepted"}
    assert told("tagging.accepted") == ["nia", "olaf"]


def test_where_the_tag_is_set_one_proposes_to_clear_it(author, reader):
    tagged = factories.make_repository("aurora-lab/tagged", card=TAGGED)
    proposal = propose(reader, tagged, "It is a chess engine.")
    assert proposal.wants_set is False
    actions.rule(actor=factories.actor(author), proposal_id=proposal.pk, accept=True, reason="True.")
    assert state(author, tagged).is_set is False
    assert state(author, tagged).tagged is True  # until the card says so too


def test_accepting_what_is_so_by_now_changes_nothing_more(author, reader, repository):
    proposal = propose(reader, repository)
    factories.change_card(repository, TAGGED)
    actions.rule(actor=factories.actor(author), proposal_id=proposal.pk, accept=True, reason="It is set.")
    assert not Tag.objects.exists()
    assert Ruling.objects.get().outcome == "set"
    assert told("tagging.accepted") == ["nia"]


def test_a_closed_proposal_is_not_ruled_on_again(author, reader, repository):
    proposal = propose(reader, repository)
    actions.withdraw(actor=factories.actor(reader), proposal_id=proposal.pk)
    assert not Notification.objects.filter(kind="tagging.proposed").exists()
    with pytest.raises(WrongStateError, match="withdrawn already"):
        actions.rule(actor=factories.actor(author), proposal_id=proposal.pk, accept=True, reason="Yes")
    with pytest.raises(WrongStateError):
        actions.withdraw(actor=factories.actor(reader), proposal_id=proposal.pk)


def test_others_neither_read_nor_withdraw_nor_rule_on_a_proposal(author, reader, repository):
    proposal = propose(reader, repository)
    olaf = factories.actor(factories.make_author("other-lab", "olaf"))
    for attempt in (
        lambda: queries.get_proposal(olaf, proposal.pk),
        lambda: actions.withdraw(actor=olaf, proposal_id=proposal.pk),
        lambda: actions.rule(actor=olaf, proposal_id=proposal.pk, accept=True, reason="Mine"),
        lambda: actions.withdraw(actor=factories.actor(author), proposal_id=proposal.pk),
    ):
        with pytest.raises(NotFoundOrHiddenError):
            attempt()
    with pytest.raises(NotAllowedError):
        actions.rule(actor=factories.actor(reader), proposal_id=proposal.pk, accept=True, reason="Mine")


def test_a_ruling_made_while_a_commit_was_under_way_waits_on(author, repository):
    decide(author, repository)
    read = Tag.objects.get()
    decide(author, repository, is_set=False, reason="No.")
    actions.record_committed(tag=read, commit=CommitInfo("a" * 40, "https://hub.example/commit", None))
    assert Tag.objects.get().waits is True
    actions.record_agreed(tag=read)
    assert Tag.objects.get().waits is True


def test_the_hubs_word_is_followed_only_once_ours_has_arrived(author, repository):
    decide(author, repository)
    actions.record_hub_word(tag=Tag.objects.get(), is_set=False)
    assert Tag.objects.get().is_set is True
    carried(repository)
    actions.record_hub_word(tag=Tag.objects.get(), is_set=False)
    tag = Tag.objects.get()
    assert (tag.is_set, tag.waits, tag.ruling.cause) == (False, False, "hub")
    assert not OutboxItem.objects.filter(kind=CONTENT_TAG).exists()


def test_a_card_that_changed_its_tag_asks_what_our_word_is(author, repository):
    assert not OutboxItem.objects.filter(kind=CONTENT_TAG).exists()
    factories.change_card(repository, TAGGED)
    assert OutboxItem.objects.get(kind=CONTENT_TAG).key == str(repository.pk)
    OutboxItem.objects.all().delete()
    factories.change_card(repository, TAGGED.replace("# Model", "# Other"))
    assert not OutboxItem.objects.filter(kind=CONTENT_TAG).exists()


def test_lookalikes_are_found_until_the_tag_is_there(author):
    found = factories.make_repository("aurora-lab/looks", card="---\ntags:\n- NFAA\n---\n")
    assert state(author, found).is_mistaken
    decide(author, found, reason="It was meant so.")
    assert not state(author, found).is_mistaken
    plain = factories.make_repository("aurora-lab/plain", card=PLAIN)
    assert not state(author, plain).is_mistaken


def test_a_missing_repository_is_not_changed(author, reader, repository):
    from django.utils import timezone

    repo_actions.record_repositories(namespace=Namespace.objects.get(), infos=[], read_at=timezone.now(), complete=True)
    with pytest.raises(WrongStateError, match="no longer lists"):
        decide(author, repository)
    with pytest.raises(NotFoundOrHiddenError):
        propose(reader, repository)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aurora-lab/tiny-gated", True),
        (" AURORA-LAB/tiny-gated ", True),
        ("https://hub.example/aurora-lab/tiny-gated/blob/main/README.md", True),
        ("https://hub.example/datasets/aurora-lab/tiny-gated", True),
        ("aurora-lab", False),
        ("aurora-lab/other", False),
        ("'; drop", False),
    ],
)
def test_a_repository_is_found_by_name_or_address(author, reader, repository, text, found):
    names = [each.name for each in queries.find(factories.actor(reader), text)]
    assert names == (["aurora-lab/tiny-gated"] if found else [])
