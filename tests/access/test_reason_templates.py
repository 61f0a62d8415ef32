"""Reason templates: place holders, who may change them, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import actions, placeholders
from access.models import AccessRequest, ReasonTemplate
from hubgate.audit.models import AuditEvent
from hubgate.errors import DomainError, InvalidInputError, NotFoundOrHiddenError
from tests import factories

DIALOG = {"HX-Request": "true", "HX-Target": "hg-dialog-body"}
VALUES = placeholders.values(
    name="Riley Park", username="jordan", repository="aurora-lab/tiny", unanswered=["Role", "Use?"]
)


def save(author, **facts):
    facts = {"namespace": "aurora-lab", "name": "No group", "text": "Hello {first name}.", **facts}
    return actions.save_template(actor=factories.actor(author), **facts)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello {name}", "Hello Riley Park"),
        ("{first name} / {First  Name}", "Riley / Riley"),
        ("{username} for {repository} of {namespace}", "jordan for aurora-lab/tiny of aurora-lab"),
        ("Answer {questions}.", "Answer “Role”, “Use?”."),
        ("{{name}} is {{}}", "{name} is {}"),
        ("nothing", "nothing"),
    ],
)
def test_place_holders_are_filled(text, filled):
    placeholders.check(text)
    assert placeholders.fill(text, VALUES) == filled


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Dear {nmae}", "There is no place holder “{nmae}”. Known are {name}, {first name}, {username},"),
        ("{}", "There is no place holder “{}”"),
        ("{name.__class__}", "There is no place holder “{name.__class__}”"),
        ("a } b", "a single “}” at character 3"),
        ("a { b", "a single “{” at character 3"),
    ],
)
def test_what_is_no_place_holder_is_named(text, told):
    with pytest.raises(InvalidInputError) as refused:
        placeholders.check(text)
    assert told in refused.value.message
    assert refused.value.fields == {"text": refused.value.message}


def test_values_are_put_in_as_they_are():
    hostile = {**VALUES, "name": "{username} {{x}}"}
    assert placeholders.fill("{name}", hostile) == "{username} {{x}}"


@given(st.text(alphabet="ab{} "))
def test_a_text_is_refused_or_filled_and_doubling_every_brace_gives_it_back(text):
    doubled = text.replace("{", "{{").replace("}", "}}")
    placeholders.check(doubled)
    assert placeholders.fill(doubled, VALUES) == text


@pytest.mark.parametrize(
    ("reason", "typed", "filled", "expected"),
    [
        ("", "", "", ("T", "")),
        ("mine", "", "", ("mine\n\nT", "mine")),
        ("old", "", "old", ("T", "")),
        ("mine\r\n\r\nold", "mine", "mine\n\nold", ("mine\n\nT", "mine")),
        ("mine\n\nold, changed", "mine", "mine\n\nold", ("mine\n\nold, changed\n\nT", "mine\n\nold, changed")),
    ],
)
def test_choosing_a_template_keeps_what_was_typed(reason, typed, filled, expected):
    assert placeholders.put_in("T", reason=reason, typed=typed, filled=filled) == expected


def test_a_template_is_added_changed_and_removed(signed_in, author):
    page = "/namespaces/aurora-lab/reasons/"
    assert "No template yet" in signed_in.get(page).content.decode()
    facts = {"name": " No  group ", "verb": "reject", "text": "Hello {first name}.\r\nSay more."}
    assert signed_in.post(page, facts).status_code == 302
    template = ReasonTemplate.objects.get()
    assert (template.name, template.verb, template.text) == ("No group", "reject", "Hello {first name}.\nSay more.")
    refused = signed_in.post(page, {**facts, "name": "No group", "text": "{nope}"})
    assert refused.status_code == 422
    body = refused.content.decode()
    assert "There is no place holder “{nope}”" in body
    assert "{nope}</textarea>" in body
    assert "has a template of that name already" in signed_in.post(page, {**facts, "name": "No group"}).content.decode()
    one = f"{page}{template.pk}/"
    assert signed_in.post(one, {"name": "Group", "verb": "all", "text": "Which group?"}).status_code == 302
    template.refresh_from_db()
    assert (template.name, template.verb, template.text) == ("Group", "", "Which group?")
    assert "1 reason ready" in signed_in.get("/namespaces/aurora-lab/").content.decode()
    assert signed_in.post(f"{one}remove/").status_code == 302
    assert signed_in.post(f"{one}remove/").status_code == 404
    found = AuditEvent.objects.filter(event__startswith="access.reason-template.")
    assert list(found.order_by("pk").values_list("event", "subject_label")) == [
        ("access.reason-template.saved", "aurora-lab"),
        ("access.reason-template.saved", "aurora-lab"),
        ("access.reason-template.removed", "aurora-lab"),
    ]


def test_templates_are_of_one_namespace(author):
    template = save(author)
    stranger = factories.make_author("meridian", "ines")
    for call in (
        lambda: save(stranger),
        lambda: save(stranger, namespace="meridian", template_id=template.pk),
        lambda: actions.remove_template(actor=factories.actor(stranger), namespace="meridian", template_id=template.pk),
    ):
        with pytest.raises(NotFoundOrHiddenError):
            call()
    assert ReasonTemplate.objects.get().text == "Hello {first name}."


@pytest.mark.parametrize(
    "facts", [{"name": " "}, {"name": "x" * 81}, {"text": " "}, {"text": "x" * 10_001}, {"verb": "accept"}]
)
def test_unfit_templates_are_refused(author, facts):
    with pytest.raises(DomainError):
        save(author, **facts)
    assert not ReasonTemplate.objects.exists()


def test_without_scripts_a_template_is_chosen_and_nothing_is_decided(signed_in, author, repository):
    request = factories.ask(repository, name="Riley Park", answers={"Affiliation": "Northlake"})
    first = save(author, name="A", text="Hello {first name}, answer {questions}.")
    second = save(author, name="B", text="No.", verb="reject")
    save(author, name="C", text="Only for resets.", verb="reset")
    page = signed_in.get(f"/requests/{request.pk}/reject/").content.decode()
    assert 'data-key="1"' in page
    assert "Only for resets" not in page
    action = f"/requests/{request.pk}/reject/"
    typed = {"seen_status": "pending", "reason": "I looked.", "typed": "", "filled": ""}
    answer = signed_in.post(action, {**typed, "template": first.pk})
    form = answer.context["form"]
    assert form["reason"].value() == "I looked.\n\nHello Riley, answer “Role”."
    again = {name: form[name].value() for name in ("seen_status", "reason", "typed", "filled")}
    answer = signed_in.post(action, {**again, "template": second.pk})
    assert answer.context["form"]["reason"].value() == "I looked.\n\nNo."
    gone = second.pk
    actions.remove_template(actor=factories.actor(author), namespace="aurora-lab", template_id=gone)
    answer = signed_in.post(action, {**again, "template": gone}, headers=DIALOG)
    assert "That template is gone" in answer.content.decode()
    assert answer.context["form"]["reason"].value() == again["reason"]
    assert AccessRequest.objects.get(pk=request.pk).status == "pending"
    assert signed_in.post(action, again).status_code == 302
    decided = AccessRequest.objects.get(pk=request.pk)
    assert (decided.status, decided.reason) == ("rejected", again["reason"])


def test_asked_before_questions_is_sent_back_with_the_missing_questions_named(signed_in, author, repository):
    request = factories.ask(repository, answers={})
    page = signed_in.get(f"/requests/{request.pk}/").content.decode()
    link = f"/requests/{request.pk}/reset/?seen=pending&amp;fill=questions"
    assert link in page
    form = signed_in.get(link.replace("&amp;", "&")).context["form"]
    assert form["reason"].value() == (
        "Questions were added after you asked: “Affiliation”, “Role”. Please ask again and answer them."
    )
