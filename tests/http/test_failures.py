"""What nobody caught: a database that is away is no fault of the page."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from hubgate.http.failures import failed


def answer(error: Exception) -> HttpResponse:
    request: HttpRequest = RequestFactory().get("/")
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


@pytest.mark.parametrize("family", [IntegrityError, ProgrammingError, ValueError])
def test_a_fault_of_ours_stays_one(family):
    response = answer(family("no"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
