"""The answer that an author chose to be shown first in lists."""

from __future__ import annotations

from hubgate.audit.models import AuditEvent
from repos.models import Repository
from tests import factories

CARD = factories.form_card({"Affiliation": "text", "What for?": "text", "Role": ["Researcher", "Student"]})
ANSWERS = {"Affiliation": "A long name of an institute", "What for?": "Red-teaming", "Role": "Student"}


def words(client) -> str:
    return client.get("/inbox/").context["page"].rows[0].words


def test_the_chosen_answer_is_shown_first_and_the_choice_is_on_record(as_author, author):
    repository = factories.make_repository(card=CARD)
    factories.ask(repository, answers=ANSWERS)
    path = f"/repositories/{repository.pk}/first-question/"
    assert words(as_author) == "A long name of an institute"
    assert as_author.post(path, {"label": "What for?"}).status_code == 302
    assert words(as_author) == "Red-teaming"
    page = as_author.get(f"/repositories/{repository.pk}/form/").content.decode()
    assert page.count("Shown first in lists") == 1
    assert "Mara Keller chose which answer lists show first: “What for?”" in (
        as_author.get(f"/repositories/{repository.pk}/history/").content.decode()
    )
    as_author.post(path, {"label": "What for?"})
    assert AuditEvent.objects.filter(event__contains="first-question").count() == 1
    as_author.post(path, {"label": "Role"})
    assert words(as_author) == "Student"
    as_author.post(path, {})
    assert words(as_author) == "A long name of an institute"


def test_where_it_was_not_answered_the_longest_words_are_shown(as_author, author):
    repository = factories.make_repository(card=CARD)
    as_author.post(f"/repositories/{repository.pk}/first-question/", {"label": "What for?"})
    factories.ask(repository, answers={"Affiliation": "Northlake", "What for?": "  "})
    assert words(as_author) == "Northlake"


def test_a_question_that_is_not_asked_cannot_be_chosen(as_author, author):
    repository = factories.make_repository(card=CARD)
    factories.change_card(repository, factories.form_card({"Purpose": "text"}))
    response = as_author.post(f"/repositories/{repository.pk}/first-question/", {"label": "What for?"})
    assert response.status_code == 400
    assert "does not ask that any more" in response.content.decode()
    assert Repository.objects.get().first_question == ""


def test_others_choose_nothing(as_stranger, author):
    repository = factories.make_repository(card=CARD)
    response = as_stranger.post(f"/repositories/{repository.pk}/first-question/", {"label": "Role"})
    assert response.status_code == 404
    assert Repository.objects.get().first_question == ""
