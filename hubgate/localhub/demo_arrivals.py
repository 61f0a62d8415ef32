"""Requests that keep arriving while the demo runs: every now and then one of the people asks.

`LOCALHUB_ARRIVALS` is the pause in seconds, "20-60" unless set, or "off"; `LOCALHUB_ARRIVALS_MAX` ends it (300).
"""

from __future__ import annotations

import logging
import os
import random
import threading

from django.db import DatabaseError, connections

from hubgate.localhub import clock, demo, demo_people, writes
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import AccessRequest, Account, Repo

LOG = logging.getLogger(__name__)
PAUSE = "20-60"
MOST = 300


def pause(text: str) -> tuple[float, float] | None:
    """The shortest and the longest pause, from "20-60"; None for "off". ValueError for anything else."""
    if text == "off":
        return None
    try:
        shortest, longest = (float(part) for part in text.split("-"))
    except ValueError:
        shortest, longest = 0.0, 0.0
    if not 0 < shortest <= longest:
        raise ValueError(f"LOCALHUB_ARRIVALS is two numbers of seconds like 20-60, or off, not {text!r}")
    return shortest, longest


def arrive(choose: random.Random) -> AccessRequest | None:
    """Lets one of the people ask for one of the demo's gated repositories not asked for yet; None if none is left.

    People whom the visitor may be never ask by themselves.
    """
    known = {(given["type"], given["repo"]): given.get("texts", {}) for given in demo.repositories()}
    repos = [
        repo
        for repo in Repo.objects.exclude(gated="").filter(disabled=False, private=False)
        if (repo.type, repo.full_name) in known
    ]
    own = demo_people.load("accounts")["people"]
    crowd = [name for name in demo_people.people() if name not in own]
    accounts = {account.name: account for account in Account.objects.filter(name__in=crowd)}
    asked = set(AccessRequest.objects.exclude(status="reset").values_list("repo_id", "person_id"))
    left = [
        (repo, account) for repo in repos for account in accounts.values() if (repo.pk, account.pk) not in asked
    ]  # fmt: skip
    if not left:
        return None
    repo, account = choose.choice(left)
    today = demo.today(clock.seconds(clock.now()))
    texts = known[repo.type, repo.full_name]
    writes.ask(repo, account, demo_people.answers(repo.card, texts, demo_people.people()[account.name], today, choose))
    return AccessRequest.objects.filter(repo=repo, person=account).first()


def _run(shortest: float, longest: float, most: int) -> None:
    choose = random.Random()  # noqa: S311
    waiting = threading.Event()
    arrived = 0
    while arrived < most:
        waiting.wait(choose.uniform(shortest, longest))
        try:
            arrived += arrive(choose) is not None
        except (DatabaseError, Refusal):
            # Somebody emptied the store or closed the gate meanwhile; the next turn finds what is there then.
            LOG.warning("A request of the demo could not be sent", exc_info=True)
        finally:
            connections.close_all()


def start() -> threading.Thread | None:
    """Begins in a thread that ends with the process; None when it is switched off."""
    times = pause(os.environ.get("LOCALHUB_ARRIVALS", PAUSE))
    if times is None:
        return None
    most = int(os.environ.get("LOCALHUB_ARRIVALS_MAX", MOST))
    thread = threading.Thread(target=_run, args=(*times, most), name="demo-arrivals", daemon=True)
    thread.start()
    return thread
