"""What stands beside a request: facts, others like it, notes, whose it is, who else is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from access import actions, facts, messages, queries, rules, similarity
from access.models import AccessRequest, Note, Viewing
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError
from hubgate.notify.models import Notification
from tests import factories

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PANEL = {"HX-Request": "true", "HX-Target": "hg-presence"}


@pytest.mark.parametrize(
    ("hub_id", "made"),
    [
        ("64b7a1c0" + "0" * 16, datetime(2023, 7, 19, 8, 41, 36, tzinfo=UTC)),
        ("64B7A1C0" + "0" * 16, None),
        ("64b7a1c0", None),
        ("u-jordan", None),
        ("00000001" + "0" * 16, None),
        ("ffffffff" + "0" * 16, None),
        (None, None),
        ("", None),
    ],
)
def test_the_age_of_an_account_is_read_from_its_id(hub_id, made):
    assert facts.account_made_at(hub_id, NOW) == made


@pytest.mark.parametrize(
    ("answers", "typed", "others"),
    [
        ({"Work e-mail": "R.Park@Northlake.edu"}, ["R.Park@Northlake.edu"], []),
        ({"Work e-mail": "write to a@b.example, please."}, ["a@b.example"], ["a@b.example"]),
        ({"Contact": " other@x.example "}, ["other@x.example"], ["other@x.example"]),
        ({"Use": "ask a@b.example about it"}, [], []),
        ({"Use": "no address @ all"}, [], []),
        ({"Email": "a@b.example", "Again": "A@B.example"}, ["a@b.example"], ["a@b.example"]),
    ],
)
def test_typed_addresses_are_compared_with_the_account(answers, typed, others):
    fields = [{"label": label, "type": "text"} for label in answers]
    assert facts.typed_addresses(fields, answers) == typed
    assert facts.other_addresses(typed, "r.park@northlake.edu") == others
    assert facts.other_addresses(typed, "") == []


def test_the_most_alike_share_rare_words_domain_organisation():
    asked = similarity.Asked(0, "Clinical prompts refusal", "northlake.edu", frozenset({"northlake"}), "CA")
    others = [
        similarity.Asked(1, "Refusal of clinical prompts"),
        similarity.Asked(2, "Something else entirely", "northlake.edu", frozenset({"northlake"}), "CA"),
        similarity.Asked(3, "Something else entirely", country="CA"),
        similarity.Asked(4, "Something else entirely"),
    ]
    found = similarity.most_alike(asked, others)
    assert [likeness.id for likeness in found] == [1, 2]
    assert found[0].shared == ("words: clinical, prompts, refusal",)
    assert found[1].shared == ("same organisation", "same mail domain", "same country")
    assert similarity.most_alike(similarity.Asked(9, ""), others) == []
    assert similarity.words("评测研究 and AI") == {"评测", "测研", "研究"}


def test_how_long_ago_and_by_whom_it_is_told():
    assert messages.meanwhile("accepted", "Dana", timedelta(seconds=4)) == "Dana accepted this 4 seconds ago."
    assert messages.meanwhile("pending", "You", timedelta(seconds=61)) == "You put this back to pending 1 minute ago."
    assert messages.others_here([]) == ""
    assert (
        messages.others_here([("Dana", True), ("Kim", False), ("Lee", False)])
        == "Dana is writing a reason. Kim and Lee have this open too."
    )


def test_a_note_is_for_those_who_decide(signed_in, author, repository):
    request = factories.ask(repository)
    url = f"/requests/{request.pk}/notes/"
    assert signed_in.post(url, {"text": "  "}).status_code == 422
    long = signed_in.post(url, {"text": "x" * 5_001})
    assert "x" * 5_001 in long.content.decode()
    assert not Note.objects.exists()
    assert signed_in.post(url, {"text": "Known from\r\nthe workshop."}).status_code == 302
    note = Note.objects.get()
    assert (note.text, note.author, note.author_label) == ("Known from\nthe workshop.", author, "Mara Keller")
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.data) == ("access.request.note-added", {"note": note.pk})
    assert "Known from" in signed_in.get(f"/requests/{request.pk}/").content.decode()
    noor = factories.actor(factories.make_author(username="noor", name="Noor Haddad"))
    with pytest.raises(NotAllowedError, match="Mara Keller"):
        actions.remove_note(actor=noor, note_id=note.pk)
    stranger = factories.actor(factories.make_author("meridian", "ines"))
    for call in (
        lambda: actions.remove_note(actor=stranger, note_id=note.pk),
        lambda: actions.add_note(actor=stranger, request_id=request.pk, text="x"),
    ):
        with pytest.raises(NotFoundOrHiddenError):
            call()
    assert signed_in.post(f"{url}{note.pk}/remove/").status_code == 302
    assert not Note.objects.exists()
    assert not Notification.objects.exclude(kind="access.new-request").exists()


def test_assigning_tells_the_other_and_only_those_who_decide(author, repository):
    request, mara = factories.ask(repository), factories.actor(author)
    noor = factories.make_author(username="noor", name="Noor Haddad")
    stranger = factories.make_author("meridian", "ines")
    told = Notification.objects.filter(kind="access.assigned")
    actions.assign(actor=mara, request_id=request.pk, user_id=author.pk)
    assert not told.exists()
    actions.assign(actor=mara, request_id=request.pk, user_id=noor.pk)
    actions.assign(actor=mara, request_id=request.pk, user_id=noor.pk)
    assert list(told.values_list("user", flat=True)) == [noor.pk]
    assert AccessRequest.objects.get(pk=request.pk).assigned_to == noor
    with pytest.raises(InvalidInputError):
        actions.assign(actor=mara, request_id=request.pk, user_id=stranger.pk)
    with pytest.raises(NotFoundOrHiddenError):
        actions.assign(actor=factories.actor(stranger), request_id=request.pk, user_id=None)
    actions.assign(actor=mara, request_id=request.pk, user_id=None)
    assert not told.exists()
    events = AuditEvent.objects.filter(event__contains="assigned").order_by("pk")
    assert [(event.event, event.data.get("assignee")) for event in events] == [
        ("access.request.assigned", "Mara Keller"),
        ("access.request.assigned", "Noor Haddad"),
        ("access.request.unassigned", None),
    ]


def test_an_assignment_that_is_no_account_is_refused_with_a_sentence(signed_in, repository):
    request = factories.ask(repository)
    for value in ("x", "-1", "9" * 30):
        assert signed_in.post(f"/requests/{request.pk}/assign/", {"assignee": value}).status_code == 400


def test_presence_tells_who_is_here_and_what_became_of_it(signed_in, author, repository):
    request = factories.ask(repository)
    noor = factories.make_author(username="noor", name="Noor Haddad")
    url, stand = f"/requests/{request.pk}/presence/", queries.stand(request)
    assert signed_in.post(url, {"stand": stand, "others": "", "deciding": "1"}, headers=PANEL).status_code == 204
    assert Viewing.objects.get().deciding
    actions.record_viewing(actor=factories.actor(noor), request_id=request.pk, deciding=False)
    answer = signed_in.post(url, {"stand": stand, "others": ""}, headers=PANEL)
    assert "Noor Haddad has this open too." in answer.content.decode()
    assert "hg-foot" not in answer.content.decode()
    factories.decide(noor, request, "accept")
    answer = signed_in.post(url, {"stand": stand, "others": "Noor Haddad has this open too."}, headers=PANEL)
    page = answer.content.decode()
    assert "Noor Haddad accepted this" in page
    assert "/put-back/" in page
    assert "/accept/" not in page
    assert "meanwhile" in answer["HX-Trigger"]
    Viewing.objects.filter(user=noor).update(seen_at=timezone.now() - rules.VIEWING - timedelta(seconds=1))
    assert queries.viewers(factories.actor(author), request.pk) == []
    actions.record_viewing(actor=factories.actor(author), request_id=request.pk, deciding=False)
    assert list(Viewing.objects.values_list("user", flat=True)) == [author.pk]
    for method in (signed_in.get, signed_in.head):
        assert method(url).status_code == 405


def test_others_are_shown_within_rights_and_in_the_same_number_of_queries(
    author, repository, django_assert_max_num_queries
):
    factories.make_author("meridian", "ines")
    foreign = factories.ask(factories.make_repository("meridian/m1"), "zoe", organisations=["Northlake University"])
    asked = {"answers": {"Affiliation": "Northlake clinical group"}, "organisations": ["Northlake University"]}
    request = factories.ask(repository, "ana", **asked)
    actor = factories.actor(author)

    def look() -> queries.Beside:
        detail = queries.detail(actor, request.pk)
        with django_assert_max_num_queries(9):
            return queries.beside(actor, detail.request)

    assert look().alike == []
    for number in range(8):
        other = factories.ask(repository, f"p-{number}", **asked)
        factories.decide(author, other, "reject" if number % 2 else "accept", "No.")
    found = look()
    assert len(found.same_organisation) == 5
    assert len(found.alike) == similarity.MOST
    assert {other.id for other in [*found.same_organisation, *found.alike]}.isdisjoint({foreign.pk, request.pk})
    assert {other.status for other in found.alike} <= {"accepted", "rejected"}


def test_what_the_person_has_not_asked_for(signed_in, author, repository):
    factories.make_repository("aurora-lab/second")
    factories.make_repository("aurora-lab/third", gated=False)
    request = factories.ask(repository)
    page = signed_in.get(f"/requests/{request.pk}/").content.decode()
    assert "Not asked for by this person" in page
    detail = queries.detail(factories.actor(author), request.pk)
    named = [one.name for one in queries.beside(factories.actor(author), detail.request).not_asked]
    assert named == ["aurora-lab/second"]
