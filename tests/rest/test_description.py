"""The description of the API is true: of every operation, its codes, its shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import hypothesis
import pytest
import schemathesis
import yaml
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as openapi

from access.models import AccessRequest
from hubgate.accounts import scopes
from hubgate.http.rest import problems
from tests import factories
from tests.rest.conftest import caller
from tests.test_every_url import patterns

CHECKS = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    response = Client().get("/api/v1/schema?format=json")
    assert response.status_code == 200
    return dict(response.json())


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_it_is_valid_and_nothing_in_it_was_guessed():
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert out.getvalue().startswith("openapi: 3.1.0")


def test_it_comes_as_json_and_as_yaml(described: dict[str, Any]):
    assert described["openapi"] == "3.1.0"
    as_yaml = Client().get("/api/v1/schema", headers={"accept": "application/vnd.oai.openapi"})
    assert yaml.safe_load(as_yaml.content)["paths"].keys() == described["paths"].keys()


def test_every_address_is_in_it(described: dict[str, Any]):
    ours = {route for route in patterns(get_resolver()) if route.startswith("/api/v1/")} - {"/api/v1/schema"}
    assert {re.sub(r"<\w+:(\w+)>", r"{\1}", route) for route in ours} == set(described["paths"])


def test_every_operation_says_how_it_is_refused_and_what_a_token_needs(described: dict[str, Any]):
    ids = []
    for method, path, operation in operations(described):
        ids.append(operation["operationId"])
        told = f"{method} {path}"
        assert re.search(rf"needs the scope `({'|'.join(scopes.SCOPES)})`", operation["description"]), told
        answers = operation["responses"]
        expected = {"401", "403", "406", "429"} | ({"404"} if "{" in path else set())
        expected |= {"400", "409", "422"} if method == "POST" else set()
        assert expected <= set(answers), told
        for status, answer in answers.items():
            if int(status) < 400:
                continue
            assert list(answer["content"]) == [problems.CONTENT_TYPE], told
            codes = re.findall(r"`(\w+)`", answer["description"])
            assert codes
            assert {problems.kinds()[code].status for code in codes} == {int(status)}, told
        parameters = {one["name"] for one in operation.get("parameters", [])}
        assert ("Idempotency-Key" in parameters) == (method == "POST"), told
    assert len(ids) == len(set(ids))


def test_the_page_to_try_it_runs_no_script_but_files_of_ours(db: None):
    page = Client().get("/api/docs")
    text = page.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "//" not in re.sub(r'"http://www\.w3\.org[^"]*"', "", text.replace("<!doctype html>", ""))
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";") if part.strip())
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert "unsafe-inline" not in policy["script-src"]


@pytest.mark.django_db(transaction=True)
def test_what_it_answers_is_what_is_described(live_server: Any, settings: Any):
    """Bodies, parameters and headers that fit the description, a few times for each operation, also with real ids."""
    settings.API_LIMIT = (10**9, 300)
    cache.clear()
    author = factories.make_author()
    repository = factories.make_repository(card=factories.form_card({"Purpose": "text"}))
    asked: AccessRequest = factories.ask(repository, answers={"Purpose": "To study bias"})
    known = {"request_id": asked.pk, "repository_id": repository.pk}
    headers = {"Authorization": f"Bearer {caller(author).token}"}
    described = schemathesis.openapi.from_url(f"{live_server.url}/api/v1/schema?format=json")
    tried = 0
    for found in described.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # an error of the description fails here

        @hypothesis.settings(
            max_examples=4,
            phases=[hypothesis.Phase.generate],
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(), real=hypothesis.strategies.booleans())
        def check(case: Any, real: bool) -> None:
            nonlocal tried
            for name, value in known.items() if real else ():
                if name in (case.path_parameters or {}):
                    case.path_parameters[name] = value
            case.call_and_validate(headers=headers, checks=CHECKS)
            tried += 1

        check()
    assert tried == 4 * sum(1 for _ in described.get_all_operations())
