"""Every refusal is a problem document with a code."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import path

from access.models import AccessRequest
from hubgate.accounts.rest import Operation
from hubgate.http.rest import problems
from hubgate.urls import urlpatterns as _urls
from tests.rest.conftest import Caller

ROOT = Path(__file__).resolve().parent.parent.parent
# Codes of pages that have no operation yet.
_PAGES_ONLY = {
    "bad_format",
    "bad_view",
    "encryption_key_changed",
    "hub_account_due",
    "invitation_over",
    "invited_already",
    "mail_is_off",
    "nothing_to_export",
    "second_factor_first",
    "token_cannot_write",
    "too_many_invitations",
}


def _problem(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["type"] == f"urn:hubgate:problem:{told['code']}"
    assert told["status"] == response.status_code
    assert told["title"]
    assert told["detail"]
    return response.status_code, told["code"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"3", b'"x"', b"null", b"\xff", b'{"verb": NaN}', b"[" * 5000, b'{"a":' * 5000, b'"\\ud800"'],
)
def test_a_body_that_is_no_json_object_is_refused(script: Caller, asked: AccessRequest, body: bytes):
    assert _problem(script.post(f"requests/{asked.pk}/decide", body)) == (400, "bad_json")


def test_what_is_not_there(script: Caller):
    assert _problem(script.get("requests/999")) == (404, "not_found")
    assert _problem(script.get(f"requests/{10**30}")) == (404, "not_found")
    assert _problem(script.get("nonsense")) == (404, "not_found")
    assert _problem(script.get("requests/")) == (404, "not_found")
    assert _problem(script.get("bulk-decisions/00000000-0000-0000-0000-000000000000")) == (404, "not_found")


def test_a_page_that_is_not_there_stays_a_page(db: None, client: Client):
    assert client.get("/nonsense/")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_method_that_does_not_exist(script: Caller, method: str):
    refused = script.call(method, "requests")
    assert _problem(refused) == (405, "method_not_allowed")
    assert refused["Allow"] == "GET, HEAD"


def test_another_media_type(script: Caller, asked: AccessRequest):
    client, path_ = Client(), f"/api/v1/requests/{asked.pk}/decide"
    headers = {"authorization": f"Bearer {script.token}"}
    form = client.post(path_, {"verb": "accept"}, headers=headers)
    assert _problem(form) == (415, "unsupported_media_type")
    assert _problem(script.get("me", accept="text/html")) == (406, "not_acceptable")


def test_a_body_beyond_what_is_read(script: Caller, asked: AccessRequest):
    body = {"verb": "reject", "seen_status": "pending", "reason": "x" * problems.MOST_BYTES}
    assert _problem(script.post(f"requests/{asked.pk}/decide", body)) == (413, "too_large")


def test_who_calls_too_often_waits_and_is_told_how_long(script: Caller, settings: Any):
    from huggingface_hub.utils._http import parse_ratelimit_headers

    settings.API_LIMIT = (3, 300)
    for left in (2, 1, 0):
        answered = script.get("me")
        assert answered.status_code == 200
        told = parse_ratelimit_headers(answered.headers)
        assert told is not None
        assert (told.remaining, told.limit, told.window_seconds) == (left, 3, 300)
    refused = script.get("me")
    assert _problem(refused) == (429, "throttled")
    told = parse_ratelimit_headers(refused.headers)
    assert told is not None
    assert told.remaining == 0
    assert 0 < told.reset_in_seconds <= 300
    assert int(refused["Retry-After"]) == told.reset_in_seconds


def test_guessing_tokens_is_throttled_and_does_not_touch_those_who_have_one(script: Caller, settings: Any):
    settings.API_LIMIT_ANONYMOUS = (2, 300)
    stranger = Caller(script.user, "hgt_aaaaaaaa_" + "b" * 43)
    assert [stranger.get("me").status_code for _ in range(3)] == [401, 401, 429]
    assert script.get("me").status_code == 200


def test_nobody_is_kept_out_because_the_cache_is_away(script: Caller, settings: Any):
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": away}
    answered = script.get("me")
    assert answered.status_code == 200
    assert "RateLimit" not in answered


class Failing(Operation):
    def get(self, request: Any) -> Any:
        raise RuntimeError("secret of the house")


urlpatterns = [*_urls, path("api/v1/failing", Failing.as_view())]
handler500 = "hubgate.http.failures.failed"


@pytest.mark.urls(__name__)
def test_a_fault_of_ours_tells_nothing_of_the_house(script: Caller):
    failed = script.get("failing")
    assert _problem(failed) == (500, "server_error")
    assert "secret" not in failed.text


def test_every_code_that_the_house_refuses_with_is_registered():
    found = set()
    for package in ("access", "repos", "hubgate"):
        for file in (ROOT / package).rglob("*.py"):
            if "localhub" in file.parts or file.is_relative_to(ROOT / "hubgate" / "hub"):
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call):
                    name = ast.unparse(node.func)
                    if name.endswith(("StateError", "InputError", "AllowedError", "HiddenError")):
                        found |= {
                            ast.literal_eval(one.value)
                            for one in node.keywords
                            if one.arg == "code" and isinstance(one.value, ast.Constant)
                        }
    assert "decided_meanwhile" in found
    assert found - set(problems.kinds()) == _PAGES_ONLY
