"""The Hub's webhooks as hints: who is taken at their word, and what a call makes due."""

import re
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from huggingface_hub import HfApi

from access.models import RequestMirror
from hubgate.outbox import queries as outbox
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from repos import actions, hints
from repos.models import HubWebhook, Namespace
from tests import factories
from tests.repos.conftest import shown

REPO = "aurora-lab/tiny-gated"


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


@pytest.fixture
def made(author):
    return actions.make_webhook(actor=factories.actor(author), namespace=Namespace.objects.get())


def payload(name=REPO, kind="model"):
    return {"event": {"action": "update", "scope": "repo.content"}, "repo": {"type": kind, "name": name}}


def call(made, body=None, *, secret=None, key=None, **more):
    headers = {"X-Webhook-Secret": made.secret if secret is None else secret}
    return Client().post(
        f"/hub/webhook/{key or made.key}/",
        payload() if body is None else body,
        content_type="application/json",
        headers=headers,
        **more,
    )


def not_due(repository):
    far = timezone.now() + timedelta(days=1)
    Namespace.objects.update(mirror_due_at=far, mirrored_at=timezone.now() - timedelta(hours=1))
    RequestMirror.objects.update_or_create(repository=repository, defaults={"poll_due_at": far})
    return far


def waiting():
    return list(OutboxItem.objects.filter(kind=actions.READ_HINTED).values_list("key", "wanted"))


def test_a_call_makes_the_repository_due_once(made):
    repository = factories.make_repository(REPO)
    far = not_due(repository)
    for _ in range(5):
        assert call(made).status_code == 202
    assert waiting() == [(str(repository.pk), 1)]
    soon = timezone.now() + timedelta(seconds=5)
    due = outbox.states(actions.READ_HINTED, [repository.pk])[str(repository.pk)].due_at
    assert due is not None
    assert timezone.now() - timedelta(seconds=30) < due <= soon
    assert RequestMirror.objects.get().poll_due_at <= soon
    assert Namespace.objects.get().mirror_due_at == far
    assert HubWebhook.objects.get().heard_at is not None


def test_what_comes_while_it_is_read_is_read_again(made):
    repository = factories.make_repository(REPO)
    not_due(repository)
    call(made)
    OutboxItem.objects.filter(kind=actions.READ_HINTED).update(
        lease="a worker's", leased_until=timezone.now() + timedelta(seconds=15)
    )
    call(made)
    assert waiting() == [(str(repository.pk), 2)]


def test_a_new_repository_makes_the_namespace_due(made):
    far = not_due(factories.make_repository(REPO))
    assert call(made, payload("aurora-lab/new-one")).status_code == 202
    assert waiting() == []
    assert Namespace.objects.get().mirror_due_at < far - timedelta(hours=1)


def test_rounds_keep_apart(made):
    not_due(factories.make_repository(REPO))
    Namespace.objects.update(mirrored_at=timezone.now())
    call(made, payload("aurora-lab/new-one"))
    assert Namespace.objects.get().mirror_due_at > timezone.now() + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("meridian/other", "model"),
        (REPO, "bucket"),
        ("aurora-lab", "user"),
        ("aurora-lab/\0", "model"),
        ("aurora-lab/" + "x" * 300, "model"),
    ],
)
def test_what_is_nothing_to_us_is_answered_alike(made, name, kind):
    far = not_due(factories.make_repository(REPO))
    answer = call(made, payload(name, kind))
    assert (answer.status_code, answer.content) == (202, b"")
    assert waiting() == []
    assert Namespace.objects.get().mirror_due_at == far


def test_a_repository_of_another_namespace_is_not_read(made):
    factories.make_author("meridian", "ines")
    factories.make_repository("meridian/other")
    assert call(made, payload("meridian/other")).status_code == 202
    assert waiting() == []


def test_a_wrong_secret_and_a_wrong_address_are_the_same(made):
    factories.make_repository(REPO)
    answers = [
        call(made, secret="wrong"),
        call(made, secret=""),
        call(made, key="nobody-s"),
        call(made, secret="wrong", body="no JSON"),
        call(made, secret="schlüssel"),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}
    assert waiting() == []


@pytest.mark.parametrize("body", ["", "{", "[]", "5", '{"repo": 5}', '{"repo": {"name": 5, "type": "model"}}', "\xff"])
def test_a_body_that_is_none_is_told(made, body):
    answer = call(made, body)
    assert (answer.status_code, "names no repository" in answer.json()["error"]) == (400, True)


def test_a_body_is_bounded(made):
    assert call(made, {**payload(), "comment": "x" * hints.MAX_BYTES}).status_code == 413
    assert call(made, {**payload(), "comment": "x" * (hints.MAX_BYTES // 2)}).status_code == 202


def test_guessing_is_slowed_down_and_leaves_the_right_secret_alone(made):
    statuses = [call(made, secret=f"guess {number}").status_code for number in range(25)]
    assert statuses == [401] * 20 + [429] * 5
    assert call(made, secret="guess", REMOTE_ADDR="192.0.2.7").status_code == 401
    assert call(made).status_code == 202


def test_a_flood_with_the_right_secret_is_slowed_down(made):
    factories.make_repository(REPO)
    statuses = {call(made).status_code for _ in range(120)}
    assert statuses == {202}
    late = call(made)
    assert (late.status_code, late["Retry-After"]) == (429, "60")


def test_the_secret_is_shown_once_and_kept_as_a_digest(as_author):
    page = as_author.post("/namespaces/aurora-lab/webhook/")
    assert page.status_code == 200
    address, secret = re.findall(r'readonly[^>]* value="([^"]+)"', page.content.decode())
    assert "no-store" in page["Cache-Control"]
    assert secret not in as_author.get("/namespaces/aurora-lab/").content.decode()
    kept = HubWebhook.objects.values().get()
    assert secret not in str(kept)
    path = "/" + address.split("/", 3)[3]
    answer = Client().post(path, payload(), content_type="application/json", headers={"X-Webhook-Secret": secret})
    assert answer.status_code == 202


def test_a_new_address_ends_the_old_one_and_it_can_be_taken_back(as_author, made):
    as_author.post("/namespaces/aurora-lab/webhook/")
    assert call(made).status_code == 401
    page = shown(as_author.get("/namespaces/aurora-lab/").content.decode())
    assert "Not called yet" in page
    assert "made an address and a secret" in page
    as_author.post("/namespaces/aurora-lab/webhook/remove/")
    assert not HubWebhook.objects.exists()
    assert "Make an address" in as_author.get("/namespaces/aurora-lab/").content.decode()


def test_only_an_author_makes_one(as_stranger, author):
    assert as_stranger.post("/namespaces/aurora-lab/webhook/").status_code == 404
    assert not HubWebhook.objects.exists()


def drained():
    OutboxItem.objects.filter(kind=actions.READ_HINTED).update(due_at=timezone.now())
    worker.drain(actions.READ_HINTED)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_the_local_hub_calls_and_the_change_is_read(live_server, lab):
    """From the commit on the Hub to what hubgate shows, by the webhook alone."""
    repository = lab.repository()
    made = actions.make_webhook(actor=factories.actor(lab.author), namespace=lab.namespace)
    api = HfApi(endpoint=lab.hub.base_url, token=lab.token)
    url = f"{live_server.url}/hub/webhook/{made.key}/"
    api.create_webhook(url=url, watched=[{"type": "user", "name": "aurora-lab"}], secret=made.secret)
    card = b"---\ntags: [not-for-all-audiences]\n---\n"
    commit = api.upload_file(repo_id=REPO, path_in_repo="README.md", path_or_fileobj=card)
    until = time.monotonic() + 20
    while waiting() != [(str(repository.pk), 1)]:
        assert time.monotonic() < until, "the Hub did not call"
        time.sleep(0.05)
    drained()
    found = lab.find(REPO)
    assert (found.sha, found.nfaa) == (commit.oid, True)


@pytest.mark.processes
class TestOnTheHub:
    """With the repository on the local Hub, changed there since the last round."""

    @pytest.fixture
    def made(self, lab):
        self.repository = lab.repository()
        lab.hub.clear_journal()
        return actions.make_webhook(actor=factories.actor(lab.author), namespace=lab.namespace)

    def test_a_change_is_seen_with_two_calls(self, lab, made):
        lab.hub.commit(REPO, {"README.md": "---\ntags: [not-for-all-audiences]\n---\n"})
        call(made)
        drained()
        found = lab.find(REPO)
        assert (found.nfaa, found.card_sha) == (True, found.sha)
        assert [one["path"] for one in lab.hub.journal()] == [
            f"/api/models/{REPO}",
            f"/{REPO}/resolve/{found.sha}/README.md",
        ]

    def test_a_rename_is_followed(self, lab, made):
        lab.hub.move_repo(REPO, "aurora-lab/renamed")
        call(made)
        drained()
        assert lab.find("aurora-lab/renamed").pk == self.repository.pk

    def test_one_that_went_away_or_to_another_is_left_to_a_round(self, lab, made):
        far = not_due(self.repository)
        lab.hub.person("somebody")
        lab.hub.move_repo(REPO, "somebody/else-s")
        call(made)
        drained()
        assert lab.find(REPO).namespace == lab.namespace
        assert lab.namespace.mirror_due_at < far
        lab.hub.delete_repo("somebody/else-s")
        Namespace.objects.update(mirror_due_at=far)
        call(made)
        drained()
        assert lab.namespace.mirror_due_at < far

    def test_a_hub_in_trouble_is_asked_again_later(self, lab, made):
        lab.hub.fault("server_error", path=f"/api/models/{REPO}", count=1)
        call(made)
        drained()
        state = outbox.states(actions.READ_HINTED, [self.repository.pk])[str(self.repository.pk)]
        assert (state.behind, state.parked) == (True, False)
        assert "trouble" in state.error
