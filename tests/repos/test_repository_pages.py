"""The list of repositories and the pages of one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from access import actions as access_actions
from access.models import RequestMirror
from hubgate.hub.types import OddRow
from repos import actions, queries
from repos.models import Namespace, Repository
from tests import factories
from tests.repos.conftest import shown

LIST = "/repositories/"
NFAA = "---\ntags:\n- not-for-all-audiences\n---\n"
TABS = ["", "form/", "mirror/", "history/"]
FORM = factories.form_card({"Affiliation": "text", "Country": "country", "Role": ["Student", "Teacher"]})


def gone(name: str) -> None:
    """A complete round of the mirror that does not show the repository."""
    others = Repository.objects.exclude(name=name)
    assert not others.exists()
    actions.record_repositories(
        namespace=Namespace.objects.get(name="aurora-lab"), infos=[], read_at=timezone.now(), complete=True
    )


def cut_short(repository: Repository, rows: int = 1000) -> None:
    """The mirror read the list of those accepted, and the Hub stopped without saying that it was all."""
    access_actions.record_walk(
        repository=repository, status="accepted", read_at=timezone.now(), complete=False, rows=rows, newest=None
    )


def test_the_list_shows_name_kind_gate_and_marks(as_author):
    namespace = Namespace.objects.get()
    found = factories.make_repository(
        "aurora-lab/toxic", kind="datasets", private=True, card="---\ntags:\n- not-for-all-audiences\n---\n"
    )
    factories.ask(found)
    factories.ask(found, "riley")
    cut_short(found)
    page = as_author.get(LIST).text
    for text in ("toxic", "dataset", "Manual gate", "Private", "Not For All Eyes", "2 waiting", "Partial"):
        assert text in page
    assert namespace.name in page


def test_an_unknown_gate_is_shown_as_closed(as_author):
    found = factories.make_repository(gated="members")
    assert "Unknown gate “members”" in as_author.get(LIST).text
    assert "Unknown gate “members”" in as_author.get(f"{LIST}{found.pk}/").text
    assert "tiny-gated" in as_author.get(f"{LIST}?gate=gated").text
    assert "tiny-gated" not in as_author.get(f"{LIST}?gate=open").text


def test_a_card_that_asks_for_a_gate_on_an_open_repository_is_the_loudest_warning(as_author):
    found = factories.make_repository(gated=False, card="---\ngated: true\n---\n")
    assert "Open, but its card asks for a gate" in as_author.get(LIST).text
    page = as_author.get(f"{LIST}{found.pk}/").text
    assert "Anybody can download: the gate is not set" in page
    assert "/aurora-lab/tiny-gated/settings" in page
    factories.make_repository(gated=False, private=True)
    page = as_author.get(f"{LIST}{found.pk}/").text
    assert "once it is public, anybody can download its files" in page
    assert "Anybody can download" not in page


def test_a_missing_repository_is_marked_and_kept(as_author):
    found = factories.make_repository()
    gone(found.name)
    assert "No longer on the Hub" in as_author.get(LIST).text
    assert "The Hub no longer lists this repository" in as_author.get(f"{LIST}{found.pk}/").text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("kind=dataset", {"aurora-lab/data"}),
        ("gate=open", {"aurora-lab/data"}),
        ("gate=manual", {"aurora-lab/model"}),
        ("gate=gated", {"aurora-lab/model", "aurora-lab/auto"}),
        ("gate=private", {"aurora-lab/auto"}),
        ("q=AUT", {"aurora-lab/auto"}),
        ("q=lab+mod", {"aurora-lab/model"}),
        ("namespace=Aurora-Lab", {"aurora-lab/data", "aurora-lab/model", "aurora-lab/auto"}),
        ("namespace=other-lab", set()),
        ("q=%00", {"aurora-lab/data", "aurora-lab/model", "aurora-lab/auto"}),
        ("kind=nonsense&page=zero", {"aurora-lab/data", "aurora-lab/model", "aurora-lab/auto"}),
        ("page=99999", set()),
    ],
)
def test_filters(as_author, query, shown):
    made = {
        found.name: found.pk
        for found in (
            factories.make_repository("aurora-lab/model"),
            factories.make_repository("aurora-lab/data", kind="datasets", gated=False),
            factories.make_repository("aurora-lab/auto", gated="auto", private=True),
        )
    }
    page = as_author.get(f"{LIST}?{query}")
    assert page.status_code == 200
    assert {name for name, pk in made.items() if f'href="/repositories/{pk}/"' in page.text} == shown


def test_more_than_a_page_is_paged(as_author):
    for number in range(queries.PAGE + 1):
        found = factories.make_repository(f"aurora-lab/model-{number:03}", private=True, card=NFAA)
        factories.ask(found)
    first = as_author.get(f"{LIST}?gate=manual").text
    assert f"model-{queries.PAGE - 1:03}" in first
    assert f"model-{queries.PAGE:03}" not in first
    assert 'href="/repositories/?gate=manual&amp;page=2"' in first
    assert f"model-{queries.PAGE:03}" in as_author.get(f"{LIST}?gate=manual&page=2").text
    assert len(first.encode()) < 60_000
    namespace = as_author.get("/namespaces/aurora-lab/").text
    assert "Show all of them" in namespace
    assert len(namespace.encode()) < 60_000


@pytest.mark.parametrize("path", [LIST, *(f"{LIST}{{pk}}/{tab}" for tab in TABS)])
def test_the_number_of_queries_does_not_grow(as_author, path, django_assert_num_queries, django_assert_max_num_queries):
    found = factories.make_repository(card=FORM)
    url = path.format(pk=found.pk)
    factories.ask(found)
    cut_short(found)
    with django_assert_max_num_queries(21) as few:
        as_author.get(url)
    for number in range(8):
        another = factories.make_repository(f"aurora-lab/model-{number}", card=FORM)
        factories.ask(another)
        factories.ask(found, f"person-{number}")
        cut_short(another)
        factories.change_card(found, factories.form_card({f"Question {number}": "text"}))
    with django_assert_num_queries(len(few)):
        as_author.get(url)


def test_the_list_does_not_load_the_texts_of_cards(as_author, django_assert_max_num_queries):
    card = f"---\nextra_gated_prompt: {'long ' * 5000}\n---\n"
    factories.make_repository(card=card)
    with django_assert_max_num_queries(21) as context:
        page = as_author.get(LIST)
    assert "long long" not in page.text
    assert not [query for query in context.captured_queries if "repos_formversion" in query["sql"]]


def test_who_has_no_namespace_is_told_to_connect_one(db):
    from hubgate.accounts.models import User

    browser = Client()
    browser.force_login(User.objects.create_user("new"))
    page = browser.get(LIST).text
    assert "No namespace is connected" in page
    assert "/namespaces/connect/" in page


def test_before_the_first_round_the_list_says_so(as_author):
    assert "Not read yet" in as_author.get(LIST).text


def test_anonymous_people_are_asked_to_sign_in(author):
    found = factories.make_repository()
    for url in [LIST, *(f"{LIST}{found.pk}/{tab}" for tab in TABS)]:
        assert Client().get(url).headers["Location"] == f"/accounts/login/?next={url}"


@pytest.mark.parametrize("tab", TABS)
def test_others_find_nothing(author, as_stranger, tab):
    found = factories.make_repository()
    theirs = as_stranger.get(f"{LIST}{found.pk}/{tab}")
    none = as_stranger.get(f"{LIST}{found.pk + 1000}/{tab}")
    huge = as_stranger.get(f"{LIST}{'9' * 30}/{tab}")
    assert theirs.status_code == none.status_code == huge.status_code == 404
    assert shown(theirs.text) == shown(none.text)
    assert found.name not in as_stranger.get(LIST).text


def test_card_errors_and_warnings_name_the_line_and_the_form_in_force(as_author):
    found = factories.make_repository(card=FORM)
    factories.change_card(found, "---\nextra_gated_fields:\n\tName: text\n---\n")
    page = as_author.get(f"{LIST}{found.pk}/").text
    assert "The card cannot be read" in page
    assert "Form version 1 stays in force" in page
    assert "blob/main/README.md?code=true#L3" in page
    assert "Affiliation" in as_author.get(f"{LIST}{found.pk}/form/").text
    assert "Card cannot be read" in as_author.get(LIST).text


def test_a_card_that_never_could_be_read_is_not_said_to_have_a_form(as_author):
    found = factories.make_repository(card="---\nextra_gated_fields:\n\tName: text\n---\n")
    page = as_author.get(f"{LIST}{found.pk}/").text
    assert "No form could be taken from it yet." in page
    assert "version 0" not in page


def test_the_form_shows_questions_options_and_what_each_version_changed(as_author):
    found = factories.make_repository(card=FORM)
    changed = {"Affiliation": "text", "Role": ["Student", "Clinician"], "Why <b>?": "text"}
    factories.change_card(found, factories.form_card(changed))
    page = as_author.get(f"{LIST}{found.pk}/form/").text
    for text in ("Affiliation", "One line of text", "Clinician", "Version 2", "Version 1"):
        assert text in page
    assert "Question “Why &lt;b&gt;?” was added." in page
    assert "Question “Country” was removed." in page
    assert "The options of “Role” changed." in page
    assert "The first form that hubgate read: 3 questions." in page


def test_a_long_prompt_is_folded_and_harmless(as_author):
    prompt = "Read this. " * 200 + "<script>alert(1)</script>"
    found = factories.make_repository(card=f'---\nextra_gated_prompt: "{prompt}"\n---\n')
    page = as_author.get(f"{LIST}{found.pk}/form/").text
    assert "What they agree to" in page
    assert "<script>alert" not in page


def test_the_mirror_tells_which_list_may_be_incomplete_and_which_rows_were_set_aside(as_author):
    found = factories.make_repository()
    cut_short(found)
    access_actions.record_rows(
        repository=found,
        list_status="pending",
        rows=[],
        odd=[OddRow("no_timestamp", "d" * 64, "The row of the Hub has no time.")],
        read_at=timezone.now(),
    )
    page = as_author.get(f"{LIST}{found.pk}/mirror/").text
    assert "This list may be incomplete: the Hub gave 1000 rows and did not say that this was all." in page
    assert "not read yet" in page
    assert "The row of the Hub has no time." in page


def test_a_failed_reading_is_told(as_author):
    found = factories.make_repository(card=FORM)
    access_actions.ensure_mirrors()
    mirror = access_actions.claim_mirror(now=timezone.now())
    assert mirror is not None
    access_actions.record_mirror(
        mirror=mirror, next_poll_at=timezone.now(), next_compare_at=None, error="The Hub answered with an error (503)."
    )
    assert RequestMirror.objects.get(repository=found).error
    assert "The Hub answered with an error (503)." in as_author.get(f"{LIST}{found.pk}/mirror/").text


def test_the_history_names_the_person_of_each_request(as_author, author):
    request = factories.ask(factories.make_repository(), asked_at=timezone.now())
    factories.decide(author, request, "reject", "Say more.")
    page = as_author.get(f"{LIST}{request.repository_id}/history/").text
    assert "Found on the Hub: jordan asked on" in page
    assert "jordan: Mara Keller rejected the request" in page
    assert "Say more." in page


def test_renames_are_told(as_author):
    found = factories.make_repository("aurora-lab/old")
    actions.record_repositories(
        namespace=Namespace.objects.get(),
        infos=[_info("aurora-lab/new", found.hub_id)],
        read_at=timezone.now(),
        complete=True,
    )
    page = as_author.get(f"{LIST}{found.pk}/").text
    assert "Renamed from" in page
    assert "aurora-lab/old is now called aurora-lab/new on the Hub" in as_author.get(f"{LIST}{found.pk}/history/").text


def _info(name: str, hub_id: str):
    from hubgate.hub.types import RepoInfo

    return RepoInfo(
        kind="models",
        id=name,
        hub_id=hub_id,
        author="aurora-lab",
        gated="manual",
        private=False,
        disabled=False,
        sha="",
        tags=(),
        last_modified=None,
        created_at=None,
        card_data=None,
    )
