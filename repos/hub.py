"""The Hub client of a namespace: its token, and the budget that all processes share."""

from __future__ import annotations

from django.conf import settings

from hubgate.hub.budget import Lane
from hubgate.hub.client import HubClient
from hubgate.hub.transport import Timeouts
from repos import vault
from repos.budget import StoredBudget
from repos.circuit import StoredCircuit
from repos.models import Namespace


def client_of(namespace: Namespace, *, lane: Lane = "background") -> HubClient:
    """A client with the namespace's token. WrongStateError where the stored token cannot be read with today's key."""
    token = vault.unseal(namespace.token_sealed)
    return HubClient(
        settings.HUB_URL,
        token,
        StoredBudget(),
        lane=lane,
        budget_key=vault.token_key(token),
        circuit=StoredCircuit(),
        timeouts=Timeouts(**settings.HUB_TIMEOUTS),
    )
