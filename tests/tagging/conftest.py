"""An author with a public repository, and somebody who only reads it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from hubgate.accounts.models import User
from hubgate.hub.card import NFAA_TAG
from hubgate.outbox import queries as outbox
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from repos.models import Repository
from repos.rules import CONTENT_TAG
from tagging import actions, queries
from tagging.models import Proposal, Ruling, Tag
from tests import factories
from tests.labfixtures import Lab

PLAIN = "---\nlicense: mit\n---\n# Model\n"
TAGGED = f"---\nlicense: mit\ntags:\n- {NFAA_TAG}\n---\n# Model\n"


@pytest.fixture
def author(db) -> User:
    return factories.make_author()


@pytest.fixture
def repository(author: User) -> Repository:
    return factories.make_repository(card=PLAIN)


@pytest.fixture
def reader(db) -> User:
    """Somebody signed in who runs nothing."""
    return User.objects.create_user("nia", email="nia@hubgate.example", first_name="Nia", last_name="Reed")


@pytest.fixture
def as_author(author: User) -> Client:
    client = Client()
    client.force_login(author)
    return client


@pytest.fixture
def as_reader(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def decide(user: User, repository: Repository, is_set: bool = True, reason: str = "It quotes slurs.") -> Ruling:
    return actions.decide(actor=factories.actor(user), repository_id=repository.pk, is_set=is_set, reason=reason)


def propose(user: User, repository: Repository, evidence: str = "samples/12.txt quotes slurs", **facts) -> Proposal:
    return actions.propose(actor=factories.actor(user), repository_id=repository.pk, evidence=evidence, **facts)


def state(user: User, repository: Repository) -> queries.TagState:
    found = Repository.objects.select_related("namespace").get(pk=repository.pk)
    return queries.state_of(factories.actor(user), found)


@dataclass
class TagLab:
    """A repository of the local Hub, and its card there."""

    lab: Lab
    name: str = "tiny-gated"

    @property
    def full_name(self) -> str:
        return f"aurora-lab/{self.name}"

    @property
    def repository(self) -> Repository:
        return self.lab.find(self.full_name)

    @property
    def tag(self) -> Tag:
        return Tag.objects.select_related("ruling").get(repository=self.repository)

    def start(self, card: str | None = PLAIN, **values) -> Repository:
        files = {} if card is None else {"README.md": card}
        return self.lab.repository(self.name, files={**files, "config.json": "{}\n"}, **values)

    def hub_word(self) -> bool | None:
        """Whether the card on the Hub has the tag, as hubgate knows it."""
        return self.repository.nfaa

    def carry(self) -> None:
        OutboxItem.objects.filter(kind=CONTENT_TAG).update(due_at=timezone.now())
        worker.drain(CONTENT_TAG)

    def push(self) -> outbox.State:
        found = outbox.states(CONTENT_TAG, [self.repository.pk])
        return found.get(str(self.repository.pk), outbox.SETTLED)

    def commits(self) -> list[str]:
        """The commits that were sent and how the Hub answered, oldest first."""
        return [str(one["status"]) for one in self.lab.hub.journal(method="POST", path="/commit/")]

    def card(self) -> str:
        from repos.hub import client_of

        content, _ = client_of(self.lab.namespace).read_file("models", self.full_name, "README.md")
        return content.decode()


@pytest.fixture
def tag_lab(lab: Lab) -> TagLab:
    return TagLab(lab)
