"""An author and a requester on the local Hub, and plain HTTP clients that act as them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from hubgate.localhub.door import ControlDoor

REPO = "aurora/thermo"
API = f"/api/models/{REPO}"
LIST = f"{API}/user-access-request"


@dataclass
class Stage:
    """The door and clients by person; `client` makes more, which live as long as the stage."""

    door: ControlDoor
    clients: contextlib.ExitStack
    author_token: str
    requester_token: str

    def __post_init__(self) -> None:
        self.author = self.client(self.author_token)
        self.requester = self.client(self.requester_token)
        self.stranger = self.client()

    def client(self, token: str = "") -> httpx2.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made = httpx2.Client(base_url=self.door.base_url, headers=headers, timeout=30)
        return self.clients.enter_context(made)


@pytest.fixture
def stage(hub: ControlDoor) -> Iterator[Stage]:
    author = hub.person("aurora")["tokens"][0]
    requester = hub.person("kim", email="kim@uni.example")["tokens"][0]
    hub.repo(REPO, gated="manual", files={"README.md": "# thermo\n", "config.json": '{"a": 1}\n'})
    with contextlib.ExitStack() as clients:
        yield Stage(hub, clients, author, requester)
