"""Our word on a tag becomes one line of the card on the local Hub, by one commit, or says why not."""

from __future__ import annotations

import httpx2
import pytest

from hubgate.audit import timeline
from hubgate.notify.models import Notification
from hubgate.outbox import worker
from repos import actions as repo_actions
from repos.models import Namespace
from repos.rules import CONTENT_TAG
from tagging import actions, events
from tagging.models import Ruling
from tests import factories
from tests.tagging.busy import busy_hub
from tests.tagging.conftest import PLAIN, TAGGED, TagLab, decide, state


def happened(lab: TagLab) -> list[str]:
    return [line.event for line in timeline.of_repository(lab.repository.pk) if line.event.startswith("tagging.")]


def test_setting_the_tag_is_one_commit_and_clearing_it_another(tag_lab: TagLab):
    repository = tag_lab.start()
    decide(tag_lab.lab.author, repository)
    assert tag_lab.hub_word() is False
    tag_lab.carry()
    assert tag_lab.card() == PLAIN.replace("mit\n", "mit\ntags:\n- not-for-all-audiences\n")
    assert tag_lab.commits() == ["200"]
    assert tag_lab.hub_word() is True
    assert tag_lab.tag.waits is False
    assert tag_lab.tag.commit_url
    decide(tag_lab.lab.author, repository, is_set=False, reason="The slurs are masked now.")
    tag_lab.carry()
    assert tag_lab.card() == PLAIN
    assert tag_lab.commits() == ["200", "200"]
    assert tag_lab.hub_word() is False
    assert happened(tag_lab) == [events.COMMITTED, events.CLEARED, events.COMMITTED, events.SET]


def test_the_commit_says_why(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start(), reason="It quotes slurs.\nSee samples/.")
    tag_lab.carry()
    address = f"{tag_lab.lab.hub.base_url}/api/models/{tag_lab.full_name}/commits/main"
    newest = httpx2.get(address, headers={"authorization": f"Bearer {tag_lab.lab.token}"}).json()[0]
    assert newest["title"] == "Add the tag not-for-all-audiences"
    assert newest["message"].strip() == "It quotes slurs.\nSee samples/."


def test_the_mirror_does_not_take_our_commit_for_a_change_on_the_hub(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start())
    tag_lab.carry()
    for _ in range(2):
        tag_lab.lab.mirror()
        tag_lab.carry()
    assert tag_lab.hub_word() is True
    assert tag_lab.commits() == ["200"]
    assert events.HUB_CHANGED not in happened(tag_lab)


def test_where_the_card_says_so_already_no_commit_is_made(tag_lab: TagLab):
    repository = tag_lab.start()
    decide(tag_lab.lab.author, repository)
    tag_lab.lab.hub.commit(tag_lab.full_name, {"README.md": TAGGED})
    tag_lab.carry()
    assert tag_lab.commits() == []
    assert tag_lab.tag.waits is False
    assert tag_lab.hub_word() is True
    assert happened(tag_lab)[0] == events.AGREED


def test_a_second_try_after_a_lost_answer_makes_no_second_commit(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start())
    tag_lab.lab.hub.fault("apply_then_fail", method="POST", path="/commit/", count=1)
    tag_lab.carry()
    assert tag_lab.push().behind
    tag_lab.carry()
    assert not tag_lab.push().behind
    assert tag_lab.card().count("not-for-all-audiences") == 1
    assert len(tag_lab.commits()) == 1
    assert tag_lab.tag.waits is False


def test_a_commit_that_met_another_one_is_rebased_once(tag_lab: TagLab, settings):
    repository = tag_lab.start()
    decide(tag_lab.lab.author, repository)
    with busy_hub(tag_lab, times=1) as settings.HUB_URL:
        tag_lab.carry()
    settings.HUB_URL = tag_lab.lab.hub.base_url
    assert tag_lab.commits() == ["412", "200"]
    assert "not-for-all-audiences" in tag_lab.card()
    assert "# Somebody else, 1" in tag_lab.card()
    assert not tag_lab.push().behind


def test_one_that_meets_others_each_time_is_parked_and_shown(tag_lab: TagLab, settings):
    repository = tag_lab.start()
    decide(tag_lab.lab.author, repository)
    with busy_hub(tag_lab, times=5) as settings.HUB_URL:
        tag_lab.carry()
    settings.HUB_URL = tag_lab.lab.hub.base_url
    assert tag_lab.commits() == ["412", "412"]
    assert tag_lab.push().parked
    assert "Somebody else committed" in tag_lab.push().error
    actions.retry(actor=factories.actor(tag_lab.lab.author), repository_id=repository.pk)
    tag_lab.carry()
    assert "not-for-all-audiences" in tag_lab.card()
    assert tag_lab.commits() == ["412", "412", "200"]


def test_a_repository_without_a_card_gets_one(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start(card=None))
    tag_lab.carry()
    assert tag_lab.card() == "---\ntags:\n- not-for-all-audiences\n---\n\n"


def test_a_card_that_cannot_be_edited_parks_with_the_line(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start("---\nlicense: mit\ntags: &t\n- a\n---\n"))
    tag_lab.carry()
    push = tag_lab.push()
    assert push.parked
    assert "line 3" in push.error
    assert tag_lab.commits() == []
    told = Notification.objects.get(kind="tagging.commit-refused")
    assert "anchor" in told.data["sentence"]
    assert happened(tag_lab)[0] == events.COMMIT_REFUSED
    assert state(tag_lab.lab.author, tag_lab.repository).parked


def test_a_parked_change_goes_out_once_the_card_is_mended_and_somebody_tries_again(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start("---\ntags: {a: b}\n---\n"))
    tag_lab.carry()
    assert tag_lab.push().parked
    tag_lab.lab.hub.commit(tag_lab.full_name, {"README.md": PLAIN})
    actions.retry(actor=factories.actor(tag_lab.lab.author), repository_id=tag_lab.repository.pk)
    tag_lab.carry()
    assert not tag_lab.push().behind
    assert "not-for-all-audiences" in tag_lab.card()


def test_a_token_that_may_not_write_is_said_with_what_to_do(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start())
    token = tag_lab.lab.hub.token("aurora-lab", role="read")
    repo_actions.connect(actor=factories.actor(tag_lab.lab.author), name="aurora-lab", token=token)
    worker.drain(repo_actions.CHECK_TOKEN)
    tag_lab.carry()
    push = tag_lab.push()
    assert push.parked
    assert "read-only" in push.error
    assert "not-for-all-audiences" not in tag_lab.card()


def test_what_the_hub_changed_after_us_stands(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start())
    tag_lab.carry()
    tag_lab.lab.mirror()
    tag_lab.lab.hub.commit(tag_lab.full_name, {"README.md": PLAIN})
    tag_lab.lab.mirror()
    tag_lab.carry()
    assert tag_lab.tag.is_set is False
    assert tag_lab.tag.ruling.cause == Ruling.Cause.HUB
    assert tag_lab.commits() == ["200"]
    assert happened(tag_lab)[0] == events.HUB_CHANGED
    decide(tag_lab.lab.author, tag_lab.repository, reason="Still there.")
    tag_lab.carry()
    assert tag_lab.commits() == ["200", "200"]
    assert tag_lab.hub_word() is True


def test_changes_switched_off_before_it_went_out_park_it(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start())
    repo_actions.switch_changes(
        actor=factories.actor(tag_lab.lab.author), namespace=Namespace.objects.get(name="aurora-lab"), on=False
    )
    tag_lab.carry()
    assert tag_lab.push().parked
    assert "only reads" in tag_lab.push().error
    assert tag_lab.commits() == []


def test_two_changes_of_mind_are_one_commit(tag_lab: TagLab):
    repository = tag_lab.start()
    decide(tag_lab.lab.author, repository)
    decide(tag_lab.lab.author, repository, is_set=False, reason="A mistake.")
    decide(tag_lab.lab.author, repository, reason="No, it was right.")
    tag_lab.carry()
    assert tag_lab.commits() == ["200"]
    assert tag_lab.tag.is_set is True


@pytest.mark.parametrize("kind", ["dataset", "space"])
def test_datasets_and_spaces_have_cards_too(tag_lab: TagLab, kind: str):
    repository = tag_lab.start(type=kind, gated=False)
    decide(tag_lab.lab.author, repository)
    tag_lab.carry()
    assert not tag_lab.push().behind
    assert tag_lab.hub_word() is True


def test_a_hub_that_is_away_is_tried_again(tag_lab: TagLab):
    decide(tag_lab.lab.author, tag_lab.start())
    tag_lab.lab.hub.fault("server_error", status=503, path="/resolve/", count=1)
    tag_lab.carry()
    assert tag_lab.push().behind
    assert not tag_lab.push().parked
    tag_lab.carry()
    assert tag_lab.hub_word() is True
    assert worker.drain(CONTENT_TAG) == 0
