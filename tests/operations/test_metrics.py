"""/metrics: who may read it, and that its numbers are those of all processes."""

from __future__ import annotations

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from hubgate import counters
from hubgate.operations import actions, metrics
from hubgate.operations.models import Tally
from tests.operations.conftest import Trouble

TOKEN = "a-token-for-the-numbers"


def numbers(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = list(text_string_to_metric_families(text))
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


@pytest.mark.parametrize(
    ("settings_", "sent", "status"),
    [
        ({}, {}, 401),
        ({"METRICS_TOKEN": TOKEN}, {}, 401),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": f"bearer  {TOKEN} "}, 200),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, 401),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, 401),
        ({"METRICS_TOKEN": ""}, {"HTTP_AUTHORIZATION": "Bearer "}, 401),
        ({"METRICS_NETWORKS": ["127.0.0.0/8"]}, {}, 200),
        ({"METRICS_NETWORKS": ["10.0.0.0/8", "::1/128"]}, {}, 401),
        ({"METRICS_NETWORKS": ["10.0.0.0/8", "fd00::/8"]}, {"REMOTE_ADDR": "fd00::5"}, 200),
        ({"METRICS_NETWORKS": ["127.0.0.0/8"]}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 401),
        ({"METRICS_NETWORKS": ["127.0.0.0/8"]}, {"HTTP_FORWARDED": "for=127.0.0.1"}, 401),
        ({"METRICS_NETWORKS": ["127.0.0.0/8"]}, {"REMOTE_ADDR": ""}, 401),
        ({"METRICS_NETWORKS": ["no network"]}, {}, 401),
    ],
)
def test_who_may_read_it(settings_: dict, sent: dict, status: int, settings, db: None):
    for name, value in settings_.items():
        setattr(settings, name, value)
    answer = Client().get("/metrics", **sent)
    assert answer.status_code == status
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert answer["Cache-Control"] == "no-store"


def test_it_tells_of_mirror_work_mails_and_processes_and_of_nobody(trouble: Trouble):
    text = metrics.exposition().decode()
    found = numbers(text)
    lane = (("kind", "access.push"), ("lane", "single"))
    namespace = (("namespace", "aurora-lab"),)
    assert found["hubgate_outbox_parked", lane] == 2
    assert found["hubgate_mails", (("state", "failed"),)] == 1
    assert found["hubgate_mirror_ok", namespace] == 0
    assert found["hubgate_mirror_age_seconds", namespace] < 60
    assert found["hubgate_processes_alive", (("kind", "worker"),)] == 1
    assert found["hubgate_processes_alive", (("kind", "beat"),)] == 0
    assert found["hubgate_tick_age_seconds", ()] < 60
    assert found["hubgate_hub_circuit_open", ()] == 0
    assert found["hubgate_migrations_missing", ()] == 0
    assert found["hubgate_database_bytes", ()] > 0
    for secret in ("canary", "jordan", "kim", "mara"):
        assert secret not in text


@pytest.mark.django_db
def test_counts_of_several_processes_add_up():
    counters.add("hub_calls", bucket="api", lane="people", outcome="sent")
    counters.observe("http_request_seconds", 0.03, (0.01, 0.05), door="web", status="2xx")
    actions.add_counts(counters.take())
    counters.add("hub_calls", 4, bucket="api", lane="people", outcome="sent")
    counters.observe("http_request_seconds", 20.0, (0.01, 0.05), door="web", status="2xx")
    actions.add_counts(counters.take())
    assert counters.take() == {}
    found = numbers(metrics.exposition().decode())
    labels = (("bucket", "api"), ("lane", "people"), ("outcome", "sent"))
    assert found["hubgate_hub_calls_total", labels] == 5
    web = (("door", "web"), ("status", "2xx"))
    assert found["hubgate_http_request_seconds_count", web] == 2
    assert found["hubgate_http_request_seconds_sum", web] == pytest.approx(20.03)
    assert found["hubgate_http_request_seconds_bucket", (web[0], ("le", "0.05"), web[1])] == 1
    assert found["hubgate_http_request_seconds_bucket", (web[0], ("le", "10"), web[1])] == 1
    assert found["hubgate_http_request_seconds_bucket", (web[0], ("le", "+Inf"), web[1])] == 2


def test_what_is_done_is_counted_once_it_is_committed(trouble: Trouble, django_capture_on_commit_callbacks):
    from tests import factories

    counters.take()
    repository = trouble.parked.repository
    with django_capture_on_commit_callbacks() as waiting:
        factories.ask(repository, "riley")
    assert ("audit_events", (("actor", "hub"), ("event", "access.request.asked"))) not in counters.take()
    assert waiting
    Client().get("/keys/")
    counted = counters.take()
    assert counted["http_request_seconds_bucket", _bucket_of(counted)] == 1


def _bucket_of(counted: dict) -> tuple:
    return next(labels for name, labels in counted if name == "http_request_seconds_bucket")


def test_labels_never_grow_with_people_or_addresses(trouble: Trouble):
    client = trouble.signed_in()
    counters.take()
    for path in ("/inbox/", "/requests/1/", "/nowhere/jordan/", "/api/v1/me", "/hub/webhook/abc/"):
        client.get(path)
    actions.add_counts(counters.take())
    doors = {pair for row in Tally.objects.filter(name="http_request_seconds_sum") for pair in row.labels.split(",")}
    assert doors <= {"door=web", "door=api", "door=hub", "status=2xx", "status=3xx", "status=4xx"}
