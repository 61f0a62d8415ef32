"""A process that does in a set-up what people do there: `python -m tests.crash.writer`, the set-up in its environment.

Each line on standard input is a JSON object of one key: what to do (a name of `DOES`), with what it takes. A JSON line
goes out for each decision, and an empty line when all is done.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any
from uuid import UUID, uuid4

import django

from hubgate.actors import Actor

PASSWORD = "a-long-enough-password"


def connect(given: dict[str, Any]) -> None:
    """Connect a namespace ({name, token}) and read all of it once."""

    from access import tasks as access_tasks
    from access.models import RequestMirror
    from hubgate.accounts.models import User
    from hubgate.accounts.queries import actor_of
    from hubgate.outbox import worker
    from repos import actions
    from repos import tasks as repos_tasks

    author, _ = User.objects.get_or_create(username="author")
    author.set_password(PASSWORD)
    author.save()
    actions.connect(actor=actor_of(author), name=given["name"], token=given["token"], changes_enabled=True)
    worker.drain(actions.CHECK_TOKEN)
    repos_tasks.mirror_due()
    access_tasks.mirror_due()
    while RequestMirror.objects.filter(compared_at=None, error="").exists():  # one tick reads for a few seconds only
        access_tasks.mirror_due()


def mirror(given: dict[str, Any]) -> None:
    """Read all lists of all repositories now; gives the `seconds` that took."""
    from django.utils import timezone

    from access import tasks as access_tasks
    from access.models import RequestMirror

    began, now = time.monotonic(), timezone.now()
    RequestMirror.objects.update(compare_due_at=now, poll_due_at=now)
    while RequestMirror.objects.filter(poll_due_at__lte=now).exists():
        access_tasks.mirror_due()
    print(json.dumps({"seconds": time.monotonic() - began}), flush=True)


def partial(given: dict[str, Any]) -> None:
    """Tell whether the lists of a `repo` are said to be incomplete."""
    from access import queries
    from repos.models import Repository

    found = queries.mirror_state(Repository.objects.get(name=given["repo"])).partial
    print(json.dumps({"partial": found}), flush=True)


def decide(given: dict[str, Any]) -> None:
    """Take `decisions` ([{repo, person, verb, seen, reason?}]) with a `pause` (seconds) between them."""
    from access.models import AccessRequest

    for wanted in given["decisions"]:
        request = AccessRequest.objects.get(repository__name=wanted["repo"], person__username=wanted["person"])
        _take(request.pk, wanted["verb"], wanted["seen"], wanted.get("reason", ""))
        time.sleep(given.get("pause", 0))


def prepare(given: dict[str, Any]) -> None:
    """Freeze what waits in a `repo` for a bulk decision (`verb`); gives its `key`."""
    from access import actions
    from access.queries import Filter
    from repos.models import Repository

    wanted = Filter(repositories=(Repository.objects.get(name=given["repo"]).pk,))
    bulk = actions.prepare_bulk(actor=_author(), key=uuid4(), verb=given["verb"], wanted=wanted)
    print(json.dumps({"key": str(bulk.key)}), flush=True)


def start(given: dict[str, Any]) -> None:
    """Confirm the bulk decision `key`."""
    from access import actions

    actions.start_bulk(actor=_author(), key=UUID(given["key"]))


def flip(given: dict[str, Any]) -> None:
    """`count` times accept or put back one of the requests of `repos`, as `seed` has it, whatever others do."""
    from access import states
    from access.models import AccessRequest

    choose = random.Random(given["seed"])
    ids = sorted(AccessRequest.objects.filter(repository__name__in=given["repos"]).values_list("pk", flat=True))
    for _ in range(given["count"]):
        request = AccessRequest.objects.get(pk=choose.choice(ids))
        verb = states.ACCEPT if states.next_status(states.ACCEPT, request.status) else states.PUT_BACK
        _take(request.pk, verb, request.status, "")


def _take(request_id: int, verb: str, seen: str, reason: str) -> None:
    from access import actions
    from hubgate.errors import WrongStateError

    actor = _author()
    began, refused = time.monotonic(), ""
    try:
        actions.decide(actor=actor, request_id=request_id, verb=verb, seen_status=seen, reason=reason)
    except WrongStateError as error:
        refused = error.message
    print(json.dumps({"request": request_id, "seconds": time.monotonic() - began, "refused": refused}), flush=True)


def _author() -> Actor:
    from hubgate.accounts.models import User
    from hubgate.accounts.queries import actor_of

    return actor_of(User.objects.get(username="author"))


DOES = {
    "connect": connect,
    "mirror": mirror,
    "partial": partial,
    "decide": decide,
    "prepare": prepare,
    "start": start,
    "flip": flip,
}

if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        for what, given in json.loads(line).items():
            DOES[what](given)
        print(flush=True)
