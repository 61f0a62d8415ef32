"""Connecting a namespace: the form, its mistakes, and what becomes of the token."""

from __future__ import annotations

import pytest
from django.test import Client

from hubgate.accounts.models import User
from hubgate.outbox.models import OutboxItem
from repos.forms import ANOTHER
from repos.models import Namespace
from tests import factories

URL = "/namespaces/connect/"
SECRET = "hf_never_shown_again"


@pytest.fixture
def person(db) -> User:
    """Somebody whom the Hub calls an admin of aurora-lab."""
    user = User.objects.create_user("mkeller", password=factories.PASSWORD)
    factories.make_member(user, "aurora-lab")
    factories.make_member(user, "mkeller")
    return user


@pytest.fixture
def client(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def test_nobody_connects_without_signing_in(db):
    assert Client().get(URL).headers["Location"] == f"/accounts/login/?next={URL}"
    assert Client().post(URL, {"name": "aurora-lab", "token": SECRET}).status_code == 302
    assert not Namespace.objects.exists()


def test_what_the_hub_told_is_offered_the_own_name_first(client):
    page = client.get(URL).text
    assert page.index('value="mkeller"') < page.index('value="aurora-lab"') < page.index(f'value="{ANOTHER}"')


def test_what_is_connected_is_offered_no_more(client):
    factories.make_author("Aurora-Lab", "tomas")
    page = client.get(URL).text
    assert 'value="mkeller"' in page
    assert 'value="aurora-lab"' not in page


def test_a_local_account_types_the_name(db):
    browser = Client()
    browser.force_login(User.objects.create_user("local"))
    page = browser.get(URL).text
    assert 'type="radio"' not in page
    answer = browser.post(URL, {"name": "aurora-lab", "token": SECRET})
    assert answer.headers["Location"] == "/namespaces/aurora-lab/"


def test_connecting_stores_the_token_and_asks_the_hub(client, person):
    answer = client.post(URL, {"choice": "aurora-lab", "token": SECRET})
    assert answer.headers["Location"] == "/namespaces/aurora-lab/"
    namespace = Namespace.objects.get(name="aurora-lab")
    assert SECRET.encode() not in bytes(namespace.token_sealed)
    assert (namespace.token_state, namespace.connected_by) == ("checking", person)
    assert OutboxItem.objects.filter(kind="repos.check-token", key=str(namespace.pk)).exists()
    page = client.get("/namespaces/aurora-lab/").text
    assert "Checking the token" in page
    assert SECRET not in page


@pytest.mark.parametrize(("demo", "on"), [(False, False), (True, True)])
def test_only_the_demo_begins_with_changes_and_mail(client, settings, demo, on):
    settings.DEMO = demo
    client.post(URL, {"choice": "aurora-lab", "token": SECRET})
    namespace = Namespace.objects.get()
    assert (namespace.changes_enabled, namespace.mail_requesters) == (on, on)


def test_another_name_may_be_typed(client):
    answer = client.post(URL, {"choice": ANOTHER, "name": " meridian ", "token": SECRET})
    assert answer.headers["Location"] == "/namespaces/meridian/"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"choice": "aurora-lab", "token": ""}, "Paste the token here."),
        ({"choice": "aurora-lab", "token": "two words"}, "A token is one word"),
        ({"choice": "aurora-lab", "token": "hf_ü"}, "A token is one word"),
        ({"choice": "aurora-lab", "token": "x" * 501}, "at most 500 characters"),
        ({"choice": ANOTHER, "name": "", "token": SECRET}, "Say which"),
        ({"choice": ANOTHER, "name": "no/slash", "token": SECRET}, "letters, digits, dots"),
        ({"choice": ANOTHER, "name": "n" * 200, "token": SECRET}, "letters, digits, dots"),
        ({"choice": ANOTHER, "name": "nul\0", "token": SECRET}, "Null characters are not allowed"),
        ({"choice": "not-offered", "token": SECRET}, "not one of the available choices"),
        ({"token": SECRET}, "Choose a namespace."),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_is_kept(client, given, said):
    answer = client.post(URL, given)
    assert answer.status_code == 422
    assert said in answer.text
    if given.get("name"):
        assert given["name"].rstrip("\0") in answer.text
    assert not given.get("token") or given["token"] not in answer.text
    assert not Namespace.objects.exists()


def test_a_namespace_that_others_run_is_refused_with_the_way_in(as_stranger, author):
    answer = as_stranger.post(URL, {"choice": ANOTHER, "name": "aurora-lab", "token": SECRET})
    assert answer.status_code == 422
    assert "aurora-lab is connected already. Ask one of its authors to let you in." in answer.text
    assert Namespace.objects.get(name="aurora-lab").connected_by == author


def test_a_link_may_choose_the_namespace(client):
    assert 'value="meridian"' in client.get(f"{URL}?namespace=meridian").text
