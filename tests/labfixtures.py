"""A namespace of the local Hub that hubgate runs: real calls, real tokens, a journal of what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from access import actions as access_actions
from access import handlers as access_handlers
from access import states
from access.models import AccessRequest, RequestMirror
from hubgate.accounts.models import User
from hubgate.localhub.door import ControlDoor
from hubgate.outbox import queries as outbox
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from repos import actions as repo_actions
from repos import handlers as repo_handlers
from repos.hub import client_of
from repos.models import Namespace, Repository
from tests import factories

NAMESPACE = "aurora-lab"
DECISIONS = ("/handle", "/batch", "/grant")


@dataclass
class Lab:
    """`hub` is the local Hub's control door, `author` the account that connected the namespace."""

    hub: ControlDoor
    author: User
    token: str

    @property
    def namespace(self) -> Namespace:
        return Namespace.objects.get(name=NAMESPACE)

    def repository(self, name: str = "tiny-gated", **values: Any) -> Repository:
        """Make a repository on the Hub (gated by hand unless said otherwise), mirror the namespace, and give ours."""
        self.hub.repo(f"{NAMESPACE}/{name}", **{"gated": "manual", **values})
        self.mirror()
        return self.find(f"{NAMESPACE}/{name}")

    def find(self, name: str) -> Repository:
        return Repository.objects.select_related("namespace", "form").get(name=name)

    def mirror(self) -> None:
        """One round over the namespace's repositories and cards."""
        repo_handlers.mirror_namespace(self.namespace)

    def compare(self, repository: Repository) -> None:
        """Read all four lists."""
        access_handlers.compare(client_of(self.namespace), self.find(repository.name))

    def poll(self, repository: Repository) -> None:
        """Read what is new in the pending list."""
        access_handlers.poll(client_of(self.namespace), self.find(repository.name))

    def read_due(self, repository: Repository) -> RequestMirror:
        """The mirror's turn of this repository, as its tick does it. Returns how it ended."""
        access_actions.ensure_mirrors()
        RequestMirror.objects.update(poll_due_at=timezone.now() + timedelta(days=1))
        RequestMirror.objects.filter(repository=repository).update(poll_due_at=timezone.now())
        mirror = access_actions.claim_mirror(now=timezone.now())
        assert mirror is not None
        access_handlers.read_due(mirror)
        return RequestMirror.objects.get(pk=mirror.pk)

    def ask(self, repository: Repository, *usernames: str, **facts: Any) -> list[AccessRequest]:
        """People ask on the Hub, and all lists are read. Their requests, in the order of the names."""
        self.hub.requests(repository.name, [{"user": username, **facts} for username in usernames])
        self.compare(repository)
        return [self.request(repository, username) for username in usernames]

    def decide_on_hub(self, repository: Repository, username: str, status: str) -> None:
        """The request is moved on the Hub itself, now; as there, its own time stays."""
        row = self.hub.row(repository.name, username)
        assert row is not None
        change = {"user": username, "status": status, "timestamp": row["timestamp"]}
        self.hub.requests(repository.name, [change])

    def request(self, repository: Repository, username: str) -> AccessRequest:
        return AccessRequest.objects.select_related("person", "repository__namespace").get(
            repository=repository, person__username=username
        )

    def decide(self, request: AccessRequest, verb: str, reason: str = "") -> AccessRequest:
        needed = verb in (states.REJECT, states.RESET_VERB)
        return factories.decide(self.author, request, verb, reason or ("Affiliation missing" if needed else ""))

    def push(self) -> None:
        """All that waits for the Hub goes out, whatever time it was to wait."""
        OutboxItem.objects.filter(kind=states.PUSH).update(due_at=timezone.now())
        worker.drain(states.PUSH)

    def state(self, request: AccessRequest) -> outbox.State:
        """Where the outbox is with the request."""
        return outbox.states(states.PUSH, [request.pk]).get(str(request.pk), outbox.SETTLED)

    def sent(self, after: int = 0) -> list[dict[str, Any]]:
        """The decisions that reached the Hub, oldest first: {path's last word, body, status}."""
        return [
            {"call": one["path"].rsplit("/", 1)[1], "body": one["body"], "status": one["status"]}
            for one in self.hub.journal(after, method="POST", path="/user-access-request/")
            if one["path"].endswith(DECISIONS)
        ]

    def hub_status(self, repository: Repository, username: str) -> str:
        """What the Hub itself holds."""
        row = self.hub.row(repository.name, username)
        return str(row["status"]) if row else "none"


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """Time passed for hubgate; the local Hub has a clock of its own."""
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=True):
        yield


@pytest.fixture
def lab(hub: ControlDoor, db: None, settings: Any) -> Lab:
    settings.HUB_URL = hub.base_url
    token = str(hub.person(NAMESPACE)["tokens"][0])
    author = factories.make_author(NAMESPACE, username="mara")
    repo_actions.connect(actor=factories.actor(author), name=NAMESPACE, token=token)
    made = Lab(hub, author, token)
    worker.drain(repo_actions.CHECK_TOKEN)
    assert made.namespace.token_state == Namespace.Token.WORKING
    hub.clear_journal()
    return made
