"""The operations page in a browser: looked at, retried by keyboard while it looks again, and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hubgate.outbox.models import OutboxItem
from tests.operations.conftest import Trouble, trouble

__all__ = ["trouble"]

pytestmark = pytest.mark.e2e


@pytest.fixture
def operator(transactional_db: None, request: pytest.FixtureRequest) -> Trouble:
    found: Trouble = request.getfixturevalue("trouble")
    return found


def open_page(page: Any, operator: Trouble, url: str) -> None:
    client = Client()
    client.force_login(operator.operator)
    page.context.set_default_timeout(30_000)
    page.context.add_cookies(
        [{"name": "hubgate_session", "value": client.cookies["hubgate_session"].value, "url": url}]
    )
    page.goto(f"{url}/operations/")


def parked() -> int:
    return OutboxItem.objects.filter(parked_at__isnull=False).count()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_looks_right_and_goes_on_looking(width, scheme, operator, page_at, axe, screens, live_server):
    page = page_at(width, scheme)
    open_page(page, operator, live_server.url)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    screens(page, f"operations-{scheme}-{width}", full=True)

    retry = page.locator("#work-access\\.push-0")
    retry.focus()
    with page.expect_response(lambda answer: answer.url.endswith("/operations/"), timeout=30_000):
        pass
    page.wait_for_function("document.querySelector('#hg-operations.htmx-request') === null")
    assert page.evaluate("document.activeElement.id") == "work-access.push-0", "the focus outlasts a look"
    page.keyboard.press("Enter")
    page.get_by_text("Decisions to the Hub: 2 will be tried again within seconds.").wait_for()
    assert parked() == 0


def test_without_scripts_each_thing_is_retried(operator, page_at, live_server):
    page = page_at(scripts=False)
    open_page(page, operator, live_server.url)
    page.locator(f"#stuck-access\\.push-{operator.parked.pk}").click()
    page.get_by_text("Decisions to the Hub: 1 will be tried again within seconds.").wait_for()
    assert parked() == 1
