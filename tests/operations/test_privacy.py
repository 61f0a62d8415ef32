"""Whole journeys, and every line that was logged meanwhile: of what was planted nothing stands there."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from hubgate import logs
from hubgate.accounts import actions as accounts
from hubgate.accounts.queries import actor_of
from hubgate.notify.actions import DELIVER_MAIL
from hubgate.outbox import queue, registry, worker
from hubgate.outbox.models import OutboxItem
from repos import actions as repos
from tests import factories
from tests.accounts.test_hub_sign_in import LOGIN, at_the_hub, point_at
from tests.labfixtures import Lab
from tests.notify.smtp import mail_server

pytestmark = pytest.mark.django_db

EMAIL = "canary.person@northlake.example"
PLANTED = {
    "an e-mail": EMAIL,
    "an answer": "canary-answer",
    "a reason": "canary-reason",
    "a password": "canary-password-1",
    "a search": "canary-search",
    "a note": "canary-note",
}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """All that is logged, as production writes it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.formatter("json"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield out
    root.removeHandler(handler)


def fails_with_data(request: HttpRequest) -> HttpResponse:
    """A view with a mistake in it, whose exceptions quote what people sent."""
    try:
        raise IntegrityError(f"DETAIL: Key (email)=({EMAIL}) already exists")
    except IntegrityError as error:
        raise ValueError(f"no such answer: {PLANTED['an answer']} {request.GET} {request.POST}") from error


urlpatterns = [path("fails/", fails_with_data), path("", include("hubgate.urls"))]
handler500 = "hubgate.http.failures.failed"


def handler_fails(keys: Any) -> Any:
    raise KeyError(f"{EMAIL}: {PLANTED['an answer']}")


@shared_task(name="tests.operations.fails")
def task_fails(text: str) -> None:
    raise RuntimeError(f"{text} of {EMAIL}")


def told(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_no_journey_leaves_personal_data_or_secrets_in_the_log(lab: Lab, lines: io.StringIO, settings):
    settings.ROOT_URLCONF = __name__
    secrets = {**PLANTED, "a Hub token": lab.token}

    # Signing in: with a wrong and a right password, and with the Hub.
    client = Client(raise_request_exception=False)
    for password in (PLANTED["a password"], factories.PASSWORD):
        client.post("/accounts/login/?next=/inbox/", {"login": "mara", "password": password})
    client.post("/accounts/login/", {"login": EMAIL, "password": PLANTED["a password"]})
    browser = Client(headers={"host": "127.0.0.1:8123"})
    with pytest.MonkeyPatch.context():
        point_at(settings, lab.hub.base_url)
        lab.hub.person("visitor", email="canary.visitor@northlake.example")
        target = browser.post(LOGIN)["Location"]
        back = at_the_hub(lab.hub, target, "visitor")
        secrets["a code of the sign-in"] = back.partition("code=")[2].partition("&")[0]
        browser.get(back)
    secrets["a session"] = browser.cookies["hubgate_session"].value

    # The import, and the Hub in all its moods.
    repository = lab.repository()
    lab.hub.person("jordan", email=EMAIL)
    asked, other = lab.ask(repository, "jordan", "kim", fields={"Purpose": PLANTED["an answer"]})
    assert (asked.email, asked.answers) == (EMAIL, {"Purpose": PLANTED["an answer"]})
    for kind in ("truncated_json", "html", "server_error", "odd_rows"):
        lab.hub.fault(kind, method="GET", **({"what": "null_email"} if kind == "odd_rows" else {}))
        lab.read_due(repository)
        lab.hub.clear_faults()

    # Looking, and deciding with a reason; a push that fails.
    client.force_login(lab.author)
    client.get("/inbox/", {"q": PLANTED["a search"], "domain": EMAIL})
    client.get(f"/requests/{asked.pk}/")
    client.post(f"/requests/{asked.pk}/notes/", {"text": PLANTED["a note"]})
    lab.hub.fault("server_error", method="POST", status=500, count=1)
    sent = {"seen_status": "pending", "reason": f"{PLANTED['a reason']} {EMAIL}"}
    assert client.post(f"/requests/{asked.pk}/reject/", sent).status_code == 302
    lab.push()
    lab.hub.clear_faults()
    lab.push()

    # Mail that is refused, word for word with the address, and a server that is away.
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    with mail_server() as server:
        settings.EMAIL_PORT = server.port
        for answer in (f"550 no such person {EMAIL}", f"450 wait {EMAIL}", "drop"):
            server.recipient = answer
            OutboxItem.objects.filter(kind=DELIVER_MAIL).update(due_at=timezone.now(), leased_until=None)
            worker.drain(DELIVER_MAIL)
    lab.decide(other, "accept")
    OutboxItem.objects.filter(kind=DELIVER_MAIL).update(due_at=timezone.now(), leased_until=None)
    worker.drain(DELIVER_MAIL)

    # The API, the Hub's webhooks, and what fails in a page, in a handler and in a task.
    _, token = accounts.make_token(actor=actor_of(lab.author), name="script", wanted=["read"], days=7)
    secrets["an access token"] = token
    made = repos.make_webhook(actor=actor_of(lab.author), namespace=lab.namespace)
    secrets["a webhook's secret"], secrets["a webhook's address"] = made.secret, made.key
    script = Client(raise_request_exception=False)
    for shown in (token, token + "x"):
        script.get("/api/v1/requests", {"q": PLANTED["a search"]}, headers={"Authorization": f"Bearer {shown}"})
    for given in (made.secret, "wrong"):
        body = {"event": {"action": "update"}, "repo": {"name": repository.name, "type": "model"}}
        script.post(
            f"/hub/webhook/{made.key}/", body, content_type="application/json", headers={"X-Webhook-Secret": given}
        )
    failed = client.post(f"/fails/?q={PLANTED['a search']}", {"answer": PLANTED["an answer"], "email": EMAIL})
    assert failed.status_code == 500
    registry.register("tests.fails", handler_fails)
    try:
        queue.enqueue("tests.fails", ["1"])
        worker.drain("tests.fails")
    finally:
        registry._kinds.pop("tests.fails")
    task_fails.apply(args=(PLANTED["an answer"],))

    text = lines.getvalue()
    found = {what: [line for line in text.splitlines() if secret in line] for what, secret in secrets.items()}
    assert {what: hits for what, hits in found.items() if hits} == {}
    assert "northlake.example" not in text

    # What was looked through is no empty log: everything that failed is there, with its place.
    rows = told(lines)
    messages = [row["message"] for row in rows]
    assert "The handler of tests.fails failed" in messages
    failures = {row["error"] for row in rows if "error" in row}
    assert {"ValueError", "KeyError", "RuntimeError"} <= failures
    assert any("test_privacy.py" in place for row in rows for place in row.get("traceback", ()))
    requests = [row for row in rows if row["logger"] == "hubgate.request"]
    assert {200, 302, 401, 500} <= {row["status"] for row in requests}
    assert any(row.get("user_id") == lab.author.pk for row in requests)
    assert f"/hub/webhook/{logs.HIDDEN}/" in {row["path"] for row in requests}
    assert all("?" not in row["path"] for row in requests)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abcdef12-3456", True),
        ("A1.b2_c3-d4", True),
        ("short", False),
        ("x" * 65, False),
        ("hf_canarycanary", False),
        ("with space 123", False),
        ("a@b.example-123", False),
        ('"}{"level":"x', False),
        ("", False),
    ],
)
def test_an_id_comes_in_and_goes_out(given: str, kept: bool, lines: io.StringIO):
    answer = Client(headers={"X-Request-ID": given} if given else {}).get("/keys/")
    shown = answer["X-Request-ID"]
    assert (shown == given) == kept
    assert len(shown) >= 8
    assert [row["request_id"] for row in told(lines)] == [shown]
    assert logs.bound("request_id") == ""


def test_health_checks_that_pass_are_no_line(lines: io.StringIO):
    for address in ("/healthz", "/readyz"):
        assert Client().get(address).status_code == 200
    assert lines.getvalue() == ""
    Client().get("/metrics")
    assert [row["status"] for row in told(lines)] == [401]


def test_a_task_knows_which_request_sent_it(lines: io.StringIO):
    from hubgate import tracing

    logs.bind(request_id="request-77")
    headers: dict[str, Any] = {}
    tracing.carry_request_id(headers=headers)
    logs.unbind("request_id")
    task_fails.apply(args=("x",), headers=headers, task_id="task-1")
    rows = [row for row in told(lines) if row.get("task_id") == "task-1"]
    assert {row["task"] for row in rows} == {"tests.operations.fails"}
    assert {row.get("request_id") for row in rows} == {"request-77"}
    assert logs.bound("task_id") == ""
