"""Namespaces, repositories and cards: what is asked of the Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from hubgate.errors import WrongStateError
from hubgate.hub import tokens
from hubgate.hub.card import read_card
from hubgate.hub.client import HubClient
from hubgate.hub.errors import BadAnswer, HubError, RateLimited, RepoNotFound, TokenRejected
from hubgate.hub.tokens import ErrorContext
from hubgate.hub.types import REPO_KINDS, RepoInfo, TokenReach
from hubgate.outbox.registry import Done, Later, Outcome
from repos import actions, rules
from repos.hub import client_of
from repos.models import Namespace, Repository
