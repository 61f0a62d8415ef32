"""The page of a namespace: token states, switches, people, and who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hubgate.accounts.models import User
from hubgate.outbox.models import OutboxItem
from repos import actions
from repos.messages import TOKEN_STATES
from repos.models import Namespace
from tests import factories
from tests.repos.conftest import shown

URL = "/namespaces/aurora-lab/"
POSTS = ["token/", "check/", "changes/", "mail/"]


def checked(state: str, note: str, *, proves: bool = True) -> None:
    """The worker asked the Hub, and this is what came of it."""
    found = Namespace.objects.get(name="aurora-lab")
    actions.record_token(namespace_id=found.pk, state=state, note=note, account="mkeller", proves=proves)
    OutboxItem.objects.filter(kind="repos.check-token", key=str(found.pk)).delete()


def test_every_state_has_words():
    assert set(TOKEN_STATES) == set(Namespace.Token.values)
    titles = [message.title for message in TOKEN_STATES.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("state", [state for state in Namespace.Token.values if state != "checking"])
def test_each_token_state_has_its_own_message_and_next_step(as_author, state):
    note = f"What the Hub said when the token was {state}."
    checked(state, note)
    page = as_author.get(URL).text
    assert note in page
    message = TOKEN_STATES[state]
    if state != "working":
        assert message.title in page
        assert message.next_step in page
    others = {other.title for name, other in TOKEN_STATES.items() if name not in (state, "working")}
    assert not [title for title in others if title in page]
    assert ("<details open>" in page) is message.replace


def test_a_check_under_way_is_waited_for_and_its_outcome_shown(as_author):
    as_author.post(f"{URL}check/")
    page = as_author.get(URL).text
    assert "Checking the token" in page
    assert 'hx-trigger="load delay:1s"' in page
    part = as_author.get(f"{URL}token-state/?looks=4", headers={"HX-Request": "true"})
    assert "looks=5" in part.text
    assert "longer than usual" not in part.text
    slow = as_author.get(f"{URL}token-state/?looks=11", headers={"HX-Request": "true"})
    assert "longer than usual" in slow.text
    assert as_author.get(f"{URL}token-state/?looks=x", headers={"HX-Request": "true"}).status_code == 200
    checked("working", "All is well.")
    done = as_author.get(f"{URL}token-state/?looks=12", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == URL


def test_without_scripts_the_waiting_page_has_a_link(as_author):
    as_author.post(f"{URL}check/")
    assert f'<a href="{URL}">Look again</a>' in as_author.get(URL).text


def test_when_the_hub_does_not_answer_the_next_try_is_told(as_author):
    checked("unreachable", "The Hub did not answer within 10 seconds.")
    found = Namespace.objects.get()
    later = timezone.now() + timedelta(minutes=3)
    OutboxItem.objects.create(kind="repos.check-token", key=str(found.pk), wanted=1, due_at=later, last_error="late")
    page = as_author.get(URL).text
    assert "The Hub could not be asked about the token" in page
    assert "Next try" in page


def test_anonymous_people_are_asked_to_sign_in(author):
    for path in ["", "token-state/"]:
        assert Client().get(URL + path).headers["Location"].startswith("/accounts/login/")
    for path in POSTS:
        assert Client().post(URL + path).headers["Location"].startswith("/accounts/login/")


def test_others_find_nothing_as_for_a_name_that_does_not_exist(author, as_stranger):
    for path in ["", "token-state/"]:
        theirs, none = as_stranger.get(URL + path), as_stranger.get(f"/namespaces/no-such/{path}")
        assert theirs.status_code == none.status_code == 404
        assert shown(theirs.text).replace("aurora-lab", "X") == shown(none.text).replace("no-such", "X")
    for path in POSTS:
        assert as_stranger.post(URL + path, {"token": "hf_x", "on": "1"}).status_code == 404


@pytest.mark.parametrize("name", ["%00", "a%00b", "..", "x" * 300, "ü"])
def test_names_that_cannot_be_are_not_found(as_author, name):
    assert as_author.get(f"/namespaces/{name}/").status_code == 404


def test_switching_is_by_post_only(as_author):
    for path in POSTS:
        assert as_author.get(URL + path).status_code == 405


def test_changes_are_switched_off_and_on_with_the_consequence_said_before(as_author):
    checked("working", "Fine.")
    assert "Switching it off stops that" in as_author.get(URL).text
    answer = as_author.post(f"{URL}changes/", {"on": "0"}, follow=True)
    assert not Namespace.objects.get().changes_enabled
    assert "aurora-lab is reading only now." in answer.text
    assert "Nothing that happened before is sent." in answer.text
    as_author.post(f"{URL}changes/", {"on": "1"})
    assert Namespace.objects.get().changes_enabled


def test_a_token_that_only_reads_cannot_be_allowed_to_change_the_hub(as_author):
    as_author.post(f"{URL}changes/", {"on": "0"})
    checked("read_only", "It may read the access requests of aurora-lab, but not decide them.")
    page = as_author.get(URL).text
    assert "Off: reading only" in page
    assert '<button type="submit" class="btn btn-sm btn-primary" disabled>Allow changes</button>' in page
    refused = as_author.post(f"{URL}changes/", {"on": "1"})
    assert refused.status_code == 409
    assert "cannot change anything on the Hub" in refused.text
    assert not Namespace.objects.get().changes_enabled


def test_mail_is_switched(as_author):
    as_author.post(f"{URL}mail/", {"on": "0"})
    assert not Namespace.objects.get().mail_requesters
    as_author.post(f"{URL}mail/", {"on": "1"})
    assert Namespace.objects.get().mail_requesters


def test_a_new_token_takes_the_place_of_the_old_one_and_keeps_the_switches(as_author):
    before = bytes(Namespace.objects.get().token_sealed)
    answer = as_author.post(f"{URL}token/", {"token": "hf_another_secret"}, follow=True)
    found = Namespace.objects.get()
    assert bytes(found.token_sealed) != before
    assert (found.token_state, found.changes_enabled) == ("checking", True)
    assert "hf_another_secret" not in answer.text
    wrong = as_author.post(f"{URL}token/", {"token": "two words"})
    assert wrong.status_code == 422
    assert "A token is one word" in wrong.text
    assert "two words" not in wrong.text


def test_whoever_stored_a_token_that_proves_nothing_sees_only_that(db):
    user = User.objects.create_user("eve")
    browser = Client()
    browser.force_login(user)
    browser.post("/namespaces/connect/", {"name": "aurora-lab", "token": "hf_stranger"})
    checked("wrong_account", "This token belongs to @eve, who has no role in aurora-lab.", proves=False)
    page = browser.get(URL).text
    assert "no role in aurora-lab" in page
    assert "Store a new token" in page
    assert "Allow changes" not in page
    assert browser.post(f"{URL}changes/", {"on": "1"}).status_code == 403


def test_the_page_shows_people_repositories_history_and_what_went_wrong(as_author, author):
    factories.make_author("aurora-lab", "tomas", name="Tomáš Novák")
    found = factories.make_repository()
    factories.ask(found)
    now = timezone.now()
    problem = "The card of x/y could not be read."
    actions.record_round(namespace=Namespace.objects.get(), next_at=now, finished=True, error=problem)
    page = as_author.get(URL).text
    assert "Tomáš Novák" in page
    assert f'href="/repositories/{found.pk}/"' in page
    assert "1 waiting" in page
    assert "Mara Keller connected aurora-lab" in page
    assert problem in page


def test_the_number_of_queries_does_not_grow(as_author, django_assert_num_queries, django_assert_max_num_queries):
    def queries() -> int:
        with django_assert_max_num_queries(25) as context:
            as_author.get(URL)
        return len(context)

    factories.ask(factories.make_repository())
    few = queries()
    for number in range(12):
        factories.ask(factories.make_repository(f"aurora-lab/model-{number}"))
    for name in ("anna", "bert", "cleo"):
        factories.make_author("aurora-lab", name)
    with django_assert_num_queries(few):
        as_author.get(URL)
