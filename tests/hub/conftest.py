from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubgate.hub.budget import MemoryBudgetStore
from hubgate.hub.client import HubClient
from hubgate.hub.transport import Timeouts
from tests.hub.scripted import scripted_hub

TOKEN = "hf_" + "aSecretThatNobodySees"
SHORT = Timeouts(connect=0.5, read=0.3, write=0.5, pool=0.5, total=0.6)


@pytest.fixture
def hub():
    with scripted_hub() as script:
        yield script


@pytest.fixture
def budget():
    return MemoryBudgetStore()


@pytest.fixture
def client(hub, budget):
    return HubClient(hub.origin, TOKEN, budget)


@pytest.fixture
def hasty(hub, budget):
    """A client whose waits are short, for a Hub that does not answer."""
    return HubClient(hub.origin, TOKEN, budget, timeouts=SHORT)


@pytest.fixture(scope="session")
def answers() -> dict[str, Any]:
    """Recorded exchanges with the real Hub, by name."""
    return json.loads((Path(__file__).parents[1] / "data" / "hub_answers.json").read_text())
