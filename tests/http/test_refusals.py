"""Refusals of the domain at the web door."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError, WrongStateError
from hubgate.http.middleware import DomainErrorMiddleware

SENTENCE = "Only an author of <b>aurora-lab</b> may do that."
FAMILIES = [(InvalidInputError, 400), (NotAllowedError, 403), (NotFoundOrHiddenError, 404), (WrongStateError, 409)]


def answer(error: Exception, **headers: str) -> HttpResponse | None:
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return DomainErrorMiddleware(lambda request: HttpResponse()).process_exception(request, error)


@pytest.mark.parametrize(("family", "status"), FAMILIES)
def test_each_family_has_its_page(family, status):
    response = answer(family(SENTENCE))
    assert response is not None
    assert response.status_code == status
    page = response.content.decode()
    assert "<h1>" in page
    assert ("Only an author of &lt;b&gt;aurora-lab" in page) is (status != 404)


@pytest.mark.parametrize(("family", "status"), FAMILIES)
@pytest.mark.parametrize(("target", "goes_to"), [("hg-panel", "#hg-messages"), ("hg-dialog-body", "#hg-dialog-body")])
def test_htmx_gets_a_message_where_it_can_be_seen(family, status, target, goes_to):
    response = answer(family(SENTENCE), HX_Request="true", HX_Target=target)
    assert response is not None
    assert (response.status_code, response["HX-Retarget"]) == (status, goes_to)
    part = response.content.decode()
    assert "Only an author of &lt;b&gt;aurora-lab" in part
    assert "<html" not in part


def test_anything_else_stays_an_error():
    assert answer(ValueError("broken")) is None
