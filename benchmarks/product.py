"""hubgate from the inside, for what has no door to a benchmark: each command is one process with Django in it.

    python -m benchmarks.product COMMAND [OPTIONS]      (in the environment of `Cluster.environment`)

`prepare` makes accounts and connects the namespaces of a data set; `repositories` reads repositories and cards from the
Hub; `load` writes repositories, people and requests straight into the tables; `round` makes the lists of requests due
and reads them by the mirror's own ticks; `enqueue` decides many requests at once. Each prints one line of JSON.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import pstats
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

# Models cannot be imported before.
from django.db import connection, models, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from access import rules, states  # noqa: E402
from access import tasks as access_tasks  # noqa: E402
from access.models import AccessRequest, ListWalk, RequestMirror  # noqa: E402
from benchmarks import gen  # noqa: E402
from benchmarks.cluster import peak_mb  # noqa: E402
from benchmarks.gen import Dataset, Repo  # noqa: E402
from hubgate.accounts.actions import Person, ensure_hub_account  # noqa: E402
from hubgate.accounts.models import HubIdentity, User  # noqa: E402
from hubgate.accounts.queries import actor_of  # noqa: E402
from hubgate.hub.card import read_card  # noqa: E402
from hubgate.hub.types import RepoInfo  # noqa: E402
from hubgate.outbox import queue  # noqa: E402
from repos import actions as repo_actions  # noqa: E402
from repos import tasks as repo_tasks  # noqa: E402
from repos.models import Namespace, Repository  # noqa: E402

_LATER = timedelta(days=1)
_CHUNK = 10_000
_TOLD = 10


def prepare(dataset: Dataset) -> dict[str, Any]:
    """Accounts `whole`, `wide` and `narrow`: authors of all namespaces, of the first, and of the one with a single
    repository. Everything is connected, with a token that the fake Hub takes."""
    reach = {"whole": dataset.namespaces, "wide": dataset.namespaces[:1], "narrow": [gen.SOLO]}
    for number, (username, names) in enumerate(reach.items()):
        person = Person(hub_id=f"{number + 1:024x}", username=username, fullname=username.title())
        roles = dict.fromkeys(names, "admin")
        user = ensure_hub_account(person, email=f"{username}@hubgate.example", memberships=roles)
        user.set_password(gen.PASSWORD)
        user.save(update_fields=["password"])
    owner = actor_of(User.objects.get(username="whole"))
    for name in dataset.namespaces:
        namespace = repo_actions.connect(actor=owner, name=name, token=gen.TOKEN, changes_enabled=True)
        repo_actions.record_token(
            namespace_id=namespace.pk, state=Namespace.Token.WORKING, note="", account=gen.ACCOUNT, proves=True
        )
    return {"namespaces": len(dataset.namespaces)}


def repositories(dataset: Dataset) -> dict[str, Any]:
    """Read the repositories and their cards from the Hub, as the tick does."""
    repo_tasks.mirror_due()
    held = Repository.objects.exclude(card_sha="").count()
    if held != len(dataset.repositories):
        raise SystemExit(f"The mirror read {held} of {len(dataset.repositories)} repositories.")
    return {"repositories": held}


def profile_of(dataset: Dataset, kind: str) -> dict[str, Any]:
    """The same under a profiler: the functions that took most time by themselves, a line each."""
    profiler = cProfile.Profile()
    profiler.runcall(round_of, dataset, kind)
    entries = pstats.Stats(profiler).get_stats_profile()
    total = entries.total_tt
    own = sorted(entries.func_profiles.items(), key=lambda entry: -entry[1].tottime)[:_TOLD]
    lines = [
        f"{entry.tottime / total:.0%} in {Path(entry.file_name).name}:{name}, {entry.ncalls} calls"
        for name, entry in own
    ]
    return {"lines": lines}


def round_of(dataset: Dataset, kind: str) -> dict[str, Any]:
    """Make the lists due, `full` (all four) or `poll` (what is new of the pending ones), and tick until all were read.
    Gives seconds of wall time and of CPU, and the peak memory of this process in MB."""
    RequestMirror.objects.bulk_create(
        [RequestMirror(repository=held) for held in Repository.objects.filter(request_mirror=None)]
    )
    began_at = timezone.now()
    compare_due_at = began_at if kind == "full" else began_at + _LATER
    RequestMirror.objects.update(poll_due_at=began_at, compare_due_at=compare_due_at)
    lists = 4 if kind == "full" else 1
    walks = ListWalk.objects.filter(**{"listed_at__gte" if kind == "full" else "read_at__gte": began_at})
    wall, cpu = time.perf_counter(), time.process_time()
    while walks.count() < lists * len(dataset.repositories):
        access_tasks.mirror_due()
        broken = RequestMirror.objects.exclude(error="").values_list("error", flat=True).first()
        if broken:
            raise SystemExit(f"The mirror gave up: {broken}")
    seconds = time.perf_counter() - wall
    return {"seconds": seconds, "cpu": time.process_time() - cpu, "peak_mb": peak_mb()}


def load(dataset: Dataset) -> dict[str, Any]:
    """Write the data set as the mirror would have left it."""
    held = _load_repositories(dataset)
    now = timezone.now()
    _copy(HubIdentity, (_identity(dataset, number) for number in range(dataset.people)))
    first = HubIdentity.objects.get(hub_id=dataset.person(0).hub_id).pk
    for repo in dataset.repositories:
        _copy(AccessRequest, _requests(dataset, repo, held[repo.name], first, now))
    _copy(ListWalk, (walk for repository in held.values() for walk in _walks(repository, now)))
    far = now + 30 * _LATER
    RequestMirror.objects.bulk_create(
        [RequestMirror(repository=repository, poll_due_at=far, compare_due_at=far) for repository in held.values()]
    )
    return {"rows": dataset.rows}


def enqueue(dataset: Dataset, ids: list[int]) -> dict[str, Any]:
    """Accept these requests of one repository at once and note their pushes, as one commit does it. Gives when the
    commit began (`time.monotonic`): a worker may be done before this process is told of its end."""
    began = time.monotonic()
    with transaction.atomic():
        chosen = AccessRequest.objects.filter(pk__in=ids)
        scopes = set(chosen.values_list("repository_id", flat=True))
        chosen.update(
            status=states.ACCEPTED, decided_at=timezone.now(), decided_by_label="a benchmark", cause="reviewer"
        )
        lane = {"lane": queue.BULK} if hasattr(queue, "BULK") else {}
        for scope in scopes:
            queue.enqueue(states.PUSH, ids, scope=scope, **lane)
    return {"at": began, "requests": len(ids)}


def _load_repositories(dataset: Dataset) -> dict[str, Repository]:
    now, card = timezone.now(), read_card(gen.CARD)
    held: dict[str, Repository] = {}
    for name in dataset.namespaces:
        namespace = Namespace.objects.get(name=name)
        infos = [_info(repo) for repo in dataset.repositories if repo.namespace == name]
        for found in repo_actions.record_repositories(namespace=namespace, infos=infos, read_at=now, complete=True):
            repo_actions.record_card(repository=found, sha=found.sha, card=card)
            held[found.name] = found
        repo_actions.record_round(namespace=namespace, next_at=now + 30 * _LATER, finished=True)
    for repository in Repository.objects.filter(name__in=held):
        held[repository.name] = repository
    return held


def _info(repo: Repo) -> RepoInfo:
    return RepoInfo(
        kind="models",
        id=repo.name,
        hub_id=repo.hub_id,
        author=repo.namespace,
        gated="manual",
        private=False,
        disabled=False,
        sha=repo.sha,
        tags=(),
        last_modified=gen.NEWEST,
        created_at=gen.NEWEST,
        card_data=None,
    )


def _identity(dataset: Dataset, number: int) -> dict[str, Any]:
    person = dataset.person(number)
    return {
        "hub_id": person.hub_id,
        "username": person.username,
        "fullname": person.fullname,
        "avatar_url": person.avatar_url,
        "verified_orgs": list(person.organisations),
        "first_seen_at": gen.NEWEST,
    }


def _requests(dataset: Dataset, repo: Repo, repository: Repository, first: int, now: Any) -> Iterator[dict[str, Any]]:
    for row in dataset.all_rows(repo):
        person = dataset.person(row.person)
        mail = _mail_facts(person.email)
        decided = row.status != states.PENDING
        yield {
            "repository": repository.pk,
            "person": first + row.person,
            "hub_request_id": row.request_id,
            "status": row.status,
            "asked_at": row.asked_at,
            "email": person.email,
            "email_domain": mail.domain,
            "email_kind": mail.kind.value,
            "answers": row.answers,
            "form": repository.form_id,
            "search_text": rules.search_text(person.username, person.fullname, person.email, *row.answers.values()),
            "country": row.answers["Country"],
            "organisations": rules.organisations_key(person.organisations),
            "decided_at": row.reviewed_at,
            "decided_by_label": "the Hub" if decided else "",
            "cause": "hub" if decided else "",
            "hub_status": row.status,
            "hub_seen_at": now,
            "hub_reviewed_at": row.reviewed_at,
            "created_at": now,
        }


def _mail_facts(address: str) -> rules.MailFacts:
    """By domain: the rest of an address says nothing about its kind."""
    domain = address.rpartition("@")[2]
    if domain not in _known_domains:
        _known_domains[domain] = rules.mail_facts(address)
    return _known_domains[domain]


_known_domains: dict[str, rules.MailFacts] = {}


def _walks(repository: Repository, now: Any) -> Iterator[dict[str, Any]]:
    for status in gen.STATUSES:
        yield {"repository": repository.pk, "status": status, "read_at": now, "listed_at": now, "complete": True}


def _copy(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """COPY rows (field name → value) into a model's table; fields that a row does not name get their default."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(str(model._meta.db_table))
    defaults = {field.name: _default(field) for field in fields}
    statement = f"COPY {table} ({columns}) FROM STDIN"
    pending = io.StringIO()
    with transaction.atomic(), connection.cursor() as cursor:
        for number, row in enumerate(rows, 1):
            unknown = row.keys() - defaults.keys()
            if unknown:
                raise SystemExit(f"{model.__name__} has no {', '.join(sorted(unknown))}.")
            texts = [_text(row[field.name]) if field.name in row else defaults[field.name] for field in fields]
            pending.write("\t".join(texts) + "\n")
            if number % _CHUNK == 0:
                pending.seek(0)
                cursor.copy_expert(statement, pending)
                pending = io.StringIO()
        pending.seek(0)
        cursor.copy_expert(statement, pending)


def _default(field: Any) -> str:
    if field.has_db_default():
        value = field.db_default
        return _text(getattr(value, "value", value))
    return _text(field.get_default())


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, dict | list):
        value = json.dumps(value)
    text = str(value)
    return (
        text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n") if "\\" in text or "\n" in text else text
    )


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "repositories": repositories,
    "round": round_of,
    "profile": profile_of,
    "load": load,
    "enqueue": enqueue,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--kind", choices=("full", "poll"))
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    extra: list[Any] = [options.kind] if options.kind else []
    if options.file is not None:
        extra.append([int(line) for line in options.file.read_text(encoding="utf-8").split()])
    json.dump(COMMANDS[options.command](Dataset(options.rows), *extra), sys.stdout)


if __name__ == "__main__":
    main()
