"""What nobody caught: a database that is away is no fault of the page."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver

from hubgate.http.failures import failed, not_found


def answer(error: Exception, path: str = "/") -> HttpResponse:
    request: HttpRequest = RequestFactory().get(path)
    try:
        raise error
    except type(error):
        return failed(request)


@pytest.mark.parametrize("family", [OperationalError, InterfaceError, DatabaseError])
def test_a_database_that_is_away_is_said_to_be_away_for_a_moment(family):
    response = answer(family("server closed the connection unexpectedly"))
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "2", "no-store")
    page = response.content.decode()
    assert "<h1>Back in a moment</h1>" in page
    assert "closed the connection" not in page


@pytest.mark.parametrize(
    ("family", "status", "code"), [(OperationalError, 503, "unavailable"), (ValueError, 500, "server_error")]
)
def test_who_calls_the_api_is_told_in_its_words(family, status: int, code: str):
    response = answer(family("server closed the connection unexpectedly"), "/api/v1/me")
    problem = json.loads(response.content)
    assert (response.status_code, response["Content-Type"], problem["code"]) == (
        status, "application/problem+json", code,
    )  # fmt: skip
    assert "closed the connection" not in problem["detail"]
    assert response.has_header("Retry-After") == (status == 503)


def test_the_site_answers_with_these():
    found = [get_resolver().resolve_error_handler(status) for status in (404, 500)]
    assert found == [not_found, failed]


@pytest.mark.parametrize("family", [IntegrityError, ProgrammingError, ValueError])
def test_a_fault_of_ours_stays_one(family):
    response = answer(family("no"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
