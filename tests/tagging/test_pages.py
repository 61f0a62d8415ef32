"""What authors and readers see of content tags, without scripts."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hubgate.outbox.models import OutboxItem
from repos.models import Repository
from repos.rules import CONTENT_TAG
from tagging import actions
from tagging.models import ContentPreference, Proposal, Tag
from tests import factories
from tests.repos.conftest import shown
from tests.tagging.conftest import PLAIN, TAGGED, decide, propose

LIST = "/repositories/"
FORM_CARD = (
    "---\ntags:\n- not-for-all-audiences\nextra_gated_prompt: canary prompt\nextra_gated_fields:\n  Name: text\n---\n"
)


def tag_page(repository: Repository) -> str:
    return f"/repositories/{repository.pk}/tag/"


def choose(user, choice: str) -> None:
    actions.choose(actor=factories.actor(user), choice=choice)


def test_an_author_sets_and_clears_on_the_page(as_author, repository):
    page = as_author.get(tag_page(repository))
    assert "Set the tag" in page.text
    assert "Not tagged" in page.text
    answer = as_author.post(
        f"{tag_page(repository)}decide/", {"is_set": "on", "reason": "It quotes slurs."}, follow=True
    )
    assert answer.redirect_chain == [(tag_page(repository), 302)]
    for text in ("On its way to the Hub", "It quotes slurs.", "Clear the tag"):
        assert text in answer.text


def test_a_missing_reason_keeps_the_page_and_says_so(as_author, repository):
    answer = as_author.post(f"{tag_page(repository)}decide/", {"is_set": "on", "reason": " "})
    assert answer.status_code == 422
    assert "Give a reason" in answer.text
    assert not Tag.objects.exists()


def test_a_reader_proposes_and_reads_the_ruling_without_names(as_author, as_reader, author, repository):
    page = as_reader.get(tag_page(repository))
    assert "Propose to set it" in page.text
    assert "Statistics" not in shown(page.text)
    data = {"evidence": "samples/12.txt quotes slurs", "links": "https://hub.example/samples\r\n"}
    answer = as_reader.post(f"{tag_page(repository)}propose/", data, follow=True)
    assert "Your proposal is with the authors" in answer.text
    proposal = Proposal.objects.get()
    queue = as_author.get("/tags/").text
    for text in ("samples/12.txt", "Nia Reed", "1 link"):
        assert text in queue
    ruled = as_author.post(f"/tags/{proposal.pk}/rule/", {"verdict": "accept", "reason": "Right."}, follow=True)
    assert "Accepted: hubgate writes it into the card" in ruled.text
    page = shown(as_reader.get(tag_page(repository)).text)
    assert "Right." in page
    assert "By an author or a steward, on a proposal" in page
    assert "Mara" not in page
    assert "Nia" not in shown(as_author.get(tag_page(repository)).text)


def test_another_reader_sees_neither_evidence_nor_proposer(author, reader, repository, client):
    proposal = propose(reader, repository, "canary evidence")
    client.force_login(factories.make_author("other-lab", "olaf"))
    page = client.get(tag_page(repository)).text
    assert "1 proposal is open" in page
    assert "canary" not in page
    assert "Nia" not in page
    assert client.get(f"/tags/{proposal.pk}/").status_code == 404
    assert "canary" not in client.get("/tags/").text


def test_wrong_links_are_said_under_their_field_and_nothing_typed_is_lost(as_reader, repository):
    answer = as_reader.post(f"{tag_page(repository)}propose/", {"evidence": "what I saw", "links": "ftp://x"})
    assert answer.status_code == 422
    assert "is no web address" in answer.text
    assert "what I saw" in answer.text


def test_a_ruling_without_a_reason_or_a_verdict_is_asked_again(as_author, reader, repository):
    proposal = propose(reader, repository)
    for data in ({"verdict": "accept", "reason": ""}, {"reason": "Yes"}, {"verdict": "maybe", "reason": "Yes"}):
        assert as_author.post(f"/tags/{proposal.pk}/rule/", data).status_code == 422
    assert Proposal.objects.get().status == "open"


def test_the_proposer_withdraws(as_reader, reader, repository):
    proposal = propose(reader, repository)
    assert "Withdraw it" in as_reader.get(tag_page(repository)).text
    answer = as_reader.post(f"/tags/{proposal.pk}/withdraw/", follow=True)
    assert "Your proposal is withdrawn" in answer.text
    assert "Propose to set it" in answer.text


def test_a_namespace_that_is_only_read_shows_the_sentence_and_no_button(client, db):
    author = factories.make_author(changes_enabled=False)
    repository = factories.make_repository(card=PLAIN)
    client.force_login(author)
    page = shown(client.get(tag_page(repository)).text)
    assert "hubgate only reads aurora-lab" in page
    assert "decide/" not in page
    answer = client.post(f"{tag_page(repository)}decide/", {"is_set": "on", "reason": "Yes"})
    assert answer.status_code == 409
    assert "hubgate only reads aurora-lab" in answer.text


def test_lookalikes_are_warned_about_with_one_click(as_author):
    found = factories.make_repository("aurora-lab/looks", card="---\ntags:\n- NFAA\n---\n")
    page = as_author.get(f"{LIST}{found.pk}/").text
    assert "looks like the tag and is not" in page
    assert "Set the right tag" in page
    as_author.post(
        f"{tag_page(found)}decide/",
        {"is_set": "on", "reason": "The card had a tag that was meant as this one, and that the Hub does not know."},
    )
    assert Tag.objects.get().is_set
    assert "looks like the tag" not in as_author.get(f"{LIST}{found.pk}/").text


def test_a_key_that_was_meant_as_the_tag_is_warned_about_too(as_author):
    found = factories.make_repository("aurora-lab/key", card="---\nnot_for_all_audiences: true\n---\n")
    assert "looks like the tag and is not" in as_author.get(f"{LIST}{found.pk}/").text


def test_pages_of_a_tagged_repository_ask_first(as_author, author):
    found = factories.make_repository(card=FORM_CARD)
    form = f"{LIST}{found.pk}/form/"
    asked = as_author.get(form).text
    assert "View content" in asked
    assert "canary prompt" not in asked
    answer = as_author.post(f"{tag_page(found)}view/", {"next": form}, follow=True)
    assert answer.redirect_chain == [(form, 302)]
    assert "canary prompt" in answer.text
    assert "canary prompt" in as_author.get(form).text


def test_a_ruling_on_its_way_asks_too(as_author, author):
    found = factories.make_repository(card=FORM_CARD.replace("not-for-all-audiences", "audio"))
    form = f"{LIST}{found.pk}/form/"
    assert "canary prompt" in as_author.get(form).text
    decide(author, found)
    assert "canary prompt" not in as_author.get(form).text


def test_the_lines_of_a_tagged_card_are_not_quoted_until_asked(as_author):
    card = "---\ntags:\n- not-for-all-audiences\nextra_gated_fields:\n  canary: textarea\n---\n"
    found = factories.make_repository(card=card)
    page = f"{LIST}{found.pk}/"
    assert "The lines of the card are not shown" in as_author.get(page).text
    assert "<code>  canary: textarea" not in as_author.get(page).text
    as_author.post(f"{tag_page(found)}view/", {"next": page})
    assert "<code>  canary: textarea" in as_author.get(page).text


def test_who_chose_to_be_shown_is_not_asked(as_author, author):
    found = factories.make_repository(card=FORM_CARD)
    choose(author, "show")
    assert "canary prompt" in as_author.get(f"{LIST}{found.pk}/form/").text


def test_viewing_leads_only_to_pages_of_ours(as_author):
    found = factories.make_repository(card=FORM_CARD)
    answer = as_author.post(f"{tag_page(found)}view/", {"next": "https://evil.example/"})
    assert answer["Location"] == tag_page(found)


@pytest.mark.parametrize(
    ("choice", "query", "names"),
    [
        ("warn", "", {"tagged", "plain", "unknown"}),
        ("warn", "?audience=nfaa", {"tagged"}),
        ("warn", "?audience=not-nfaa", {"plain", "unknown"}),
        ("hide", "", {"plain", "unknown"}),
        ("hide", "?audience=all", {"tagged", "plain", "unknown"}),
        ("hide", "?audience=nfaa", {"tagged"}),
        ("show", "?audience=bogus", {"tagged", "plain", "unknown"}),
    ],
)
def test_the_audience_filters_the_list(as_author, author, choice, query, names):
    factories.make_repository("aurora-lab/tagged", card=TAGGED)
    factories.make_repository("aurora-lab/plain", card=PLAIN)
    factories.make_repository("aurora-lab/unknown")
    choose(author, choice)
    page = shown(as_author.get(f"{LIST}{query}").text)
    assert {name for name in ("tagged", "plain", "unknown") if f"/</span>{name}</bdi>" in page} == names
    assert ("left out, as you chose" in page) == (choice == "hide" and not query)


def test_tagged_repositories_are_marked_everywhere(as_author):
    found = factories.make_repository("aurora-lab/tagged", card=TAGGED)
    request = factories.ask(found)
    for address in (LIST, f"{LIST}{found.pk}/", tag_page(found), "/inbox/", f"/requests/{request.pk}/"):
        assert "Not For All Eyes" in shown(as_author.get(address).text), address


def test_hiding_never_hides_requests_to_decide(as_author, author):
    found = factories.make_repository("aurora-lab/tagged", card=TAGGED)
    factories.ask(found, "jordan")
    choose(author, "hide")
    assert "Jordan" in as_author.get("/inbox/").text


def test_the_choice_is_kept_with_the_account(as_reader, reader):
    assert 'value="warn" ' in as_reader.get("/content/").text
    assert as_reader.post("/content/", {"choice": "hide"}).status_code == 302
    assert ContentPreference.objects.get(user=reader).choice == "hide"
    assert as_reader.post("/content/", {"choice": "never"}).status_code == 422


def test_the_queue_leads_to_a_repository_by_name(as_reader, repository):
    assert as_reader.get("/tags/", {"repository": "aurora-lab/tiny-gated"})["Location"] == tag_page(repository)
    assert "runs no repository of that name" in as_reader.get("/tags/", {"repository": "no/such"}).text
    factories.make_repository("aurora-lab/tiny-gated-2")


def test_an_author_tries_a_refused_commit_again_from_the_page(as_author, author, repository):
    decide(author, repository)
    assert as_author.post(f"{tag_page(repository)}retry/").status_code == 302
    other = factories.make_repository("aurora-lab/other", card=PLAIN)
    assert as_author.post(f"{tag_page(other)}retry/").status_code == 409


def test_why_a_commit_was_refused_is_for_authors(as_author, as_reader, author, repository):
    decide(author, repository)
    sentence = "The Hub no longer accepts the token of aurora-lab."
    OutboxItem.objects.filter(kind=CONTENT_TAG).update(parked_at=timezone.now(), last_error=sentence)
    assert sentence in as_author.get(tag_page(repository)).text
    assert "aurora-lab/tiny-gated" in shown(as_author.get("/tags/").text)
    page = as_reader.get(tag_page(repository)).text
    assert sentence not in page
    assert "does not say so yet" in page


def test_the_queue_takes_the_same_queries_however_long_it_is(
    as_author, author, repository, django_assert_max_num_queries
):
    for number in range(12):
        propose(factories.make_author(f"lab-{number}", f"user-{number}"), repository)
    with django_assert_max_num_queries(24):
        page = as_author.get("/tags/").text
    assert page.count("samples/12.txt") == 12
