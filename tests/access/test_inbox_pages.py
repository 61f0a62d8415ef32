"""The list and the panel: what they show, to whom, and what they cost."""

from __future__ import annotations

import gzip
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access import actions, queries
from access.models import AccessRequest
from tests import factories

PANEL = {"HX-Request": "true", "HX-Target": "hg-panel"}
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7|add:7 }}"


def html(response) -> str:
    return response.content.decode()


def names(response) -> list[str]:
    return [row.username for row in response.context["page"].rows]


@pytest.mark.parametrize("path", ["/", "/inbox/", "/requests/1/", "/requests/1/reject/", "/repositories/1/grant/"])
def test_nobody_signed_out_sees_anything(client, db, path):
    response = client.get(path, follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=/")


def test_a_part_of_the_page_is_not_filled_with_the_sign_in_page(client, repository):
    request = factories.ask(repository)
    headers = {**PANEL, "HX-Current-URL": "http://testserver/inbox/?status=all"}
    response = client.get(f"/requests/{request.pk}/", headers=headers)
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/accounts/login/?next=/inbox/%3Fstatus%3Dall"


def names_or_empty(response) -> list[str]:
    return names(response) if response.context.get("page") else []


def test_another_author_s_request_looks_like_none(client, repository):
    request = factories.ask(repository)
    client.force_login(factories.make_author("other-lab", "noor", name="Noor Haddad"))
    assert names_or_empty(client.get("/inbox/")) == []
    for pk in (request.pk, request.pk + 999, 10**14):
        for path in (f"/requests/{pk}/", f"/requests/{pk}/reject/"):
            response = client.get(path)
            assert response.status_code == 404
            assert "jordan" not in html(response)
        for verb in ("accept", "put-back", "reject", "reset", "retry"):
            response = client.post(f"/requests/{pk}/{verb}/", {"seen_status": "pending", "reason": "no"})
            assert response.status_code == 404, verb
    assert AccessRequest.objects.get().status == "pending"


def test_a_row_and_the_panel_say_who_asks(signed_in, repository):
    factories.ask(
        repository,
        "jordan",
        name="Riley Park",
        answers={"Affiliation": "Northlake University, group of Dr. Fall", "Role": "Student", "Old question": "kept"},
        organisations=["Northlake University"],
    )
    page = html(signed_in.get("/inbox/"))
    assert "1 waiting, oldest" in page
    for words in ("Riley Park", "jordan", "Northlake University, group of Dr. Fall", "tiny-gated", "northlake.edu"):
        assert words in page
    assert "verified on the Hub" in page
    assert "Form version 1" in page
    assert "not a question of this form version" in page
    assert "In step." in page


def test_somebody_whom_the_hub_hides_has_a_page(signed_in, repository):
    request = factories.ask(repository, None)
    page = html(signed_in.get(f"/requests/{request.pk}/"))
    assert "Hidden by the Hub" in page
    assert "the Hub did not give it" in page


def test_filters_are_the_address(signed_in, author, repository):
    other = factories.make_repository("aurora-lab/street-scenes", kind="datasets")
    factories.decide(author, factories.ask(repository, "ana"), "accept")
    factories.ask(repository, "ben", answers={"Affiliation": "100% Brno_Tech"})
    factories.ask(other, "cem", email="cem@gmail.com")
    found = {
        "": {"ben", "cem"},
        "?status=accepted": {"ana"},
        "?status=all": {"ana", "ben", "cem"},
        f"?repository={other.pk}": {"cem"},
        f"?repository={other.pk}&repository={repository.pk}&status=all": {"ana", "ben", "cem"},
        "?q=gmail": {"cem"},
        "?q=0%25+brno": {"ben"},
        "?q=no_tec": {"ben"},
        "?q=street": {"cem"},
        "?q=AN": {"ana"},
        "?q=NA%40NORTH": {"ana"},
        "?q=an&status=pending": set(),
        "?q=en": set(),
        "?q=%25_": set(),
        "?repository=999999999": set(),
    }
    for query, people in found.items():
        response = signed_in.get(f"/inbox/{query}")
        assert response.status_code == 200, query
        assert set(names(response)) == people, query
        assert response.context["count"].number == len(people), query


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("status=frozen", "There is no status “frozen”"),
        ("repository=x", "is not a number"),
        ("repository=" + "9" * 30, "is not a number"),
        ("&".join(["repository=1"] * 51), "at most 50 repositories"),
        ("q=" + "x" * 201, "at most 200 characters"),
        ("cursor=zzz", "That is no page of this list"),
        ("cursor=o99999999999999999999999999-1", "That is no page of this list"),
        ("q=%00", "Null characters are not allowed"),
    ],
)
def test_an_address_that_means_nothing_says_so(signed_in, repository, query, sentence):
    response = signed_in.get(f"/inbox/?{query}")
    assert response.status_code == 400
    assert sentence in html(response)


def test_pages_lead_through_all_rows_once(signed_in, repository):
    now = timezone.now()
    for number in range(95):
        factories.ask(repository, f"p{number:02}", asked_at=now - timedelta(minutes=number // 3))
    seen, url = [], "/inbox/?status=all"
    while url:
        response = signed_in.get(url)
        seen.append(names(response))
        previous, url = response.context["previous"], response.context["next"]
    assert [len(page) for page in seen] == [40, 40, 15]
    assert len({name for page in seen for name in page}) == 95
    assert names(signed_in.get(previous)) == seen[1]


def test_a_list_costs_the_same_for_five_rows_and_for_forty(signed_in, repository):
    def cost(path: str, **headers) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert signed_in.get(path, headers=headers).status_code == 200
        return len(captured)

    for number in range(5):
        last = factories.ask(repository, f"p{number}", answers={"Affiliation": "x"})
    cost("/inbox/")  # what lists can be narrowed to is known for 30 s from now on
    few = cost("/inbox/"), cost(f"/requests/{last.pk}/", **PANEL)
    for number in range(5, 40):
        last = factories.ask(repository, f"p{number}", answers={"Affiliation": "x"})
    assert (cost("/inbox/"), cost(f"/requests/{last.pk}/", **PANEL)) == few
    assert few[0] <= 31


def test_a_list_loads_no_text_of_a_form(author, repository):
    factories.change_card(repository, "---\nextra_gated_prompt: " + "long " * 5000 + "\n---\n")
    factories.ask(repository, answers={})
    actor = factories.actor(author)
    with CaptureQueriesContext(connection) as captured:
        queries.page(actor, queries.Filter())
    assert len(captured) == 3  # with that for the repositories
    for query in captured:
        assert "prompt" not in query["sql"]
        assert "search_text" not in query["sql"]


def test_a_full_list_stays_light(signed_in, repository):
    for number in range(45):
        factories.ask(repository, f"p{number}", answers={"Affiliation": "word " * 400}, organisations=["Northlake"])
    whole = signed_in.get("/inbox/?" + urlencode({"q": "word"}))
    assert len(whole.content) < 110_000
    assert len(gzip.compress(whole.content)) < 15_000


def test_the_panel_alone_for_htmx(signed_in, repository):
    request = factories.ask(repository)
    part = html(signed_in.get(f"/requests/{request.pk}/", headers=PANEL))
    assert 'id="hg-panel"' in part
    assert "<html" not in part
    assert "hg-split" not in part
    whole = html(signed_in.get(f"/requests/{request.pk}/", headers={**PANEL, "HX-History-Restore-Request": "true"}))
    assert "<html" in whole


def test_what_people_write_is_shown_as_they_wrote_it(signed_in, author, repository):
    factories.change_card(repository, factories.form_card({HOSTILE: "text"}))
    request = factories.ask(
        repository, "hint", name=HOSTILE, email="a<b>@x.example", answers={HOSTILE: HOSTILE}, organisations=[HOSTILE]
    )
    factories.decide(author, request, "reject", HOSTILE)
    for path in (f"/requests/{request.pk}/?status=all", "/inbox/?status=all"):
        page = html(signed_in.get(path))
        assert HOSTILE not in page
        assert "<script>alert" not in page
        assert page.count(ESCAPED) >= 5


def test_asked_before_there_were_questions(signed_in, author):
    bare = factories.make_repository("aurora-lab/bare", card="---\nlicense: mit\n---\n")
    request = factories.ask(bare, "early")
    factories.change_card(bare, factories.form_card({"Affiliation": "text"}))
    page = html(signed_in.get(f"/requests/{request.pk}/"))
    assert "Asked before questions were added" in page


def test_answers_of_the_time_before_are_kept_with_their_questions(signed_in, author, repository):
    now = timezone.now()
    first = factories.ask(repository, answers={"Affiliation": "First"}, asked_at=now - timedelta(days=3))
    factories.decide(author, first, "reset", "Say more.")
    factories.change_card(repository, factories.form_card({"Affiliations": "text"}))
    factories.ask(repository, answers={"Affiliations": "Second"}, asked_at=now - timedelta(hours=1))
    page = html(signed_in.get(f"/requests/{first.pk}/"))
    for words in ("Affiliations", "Second", "Answers of the time before", "First", "Form version 2"):
        assert words in page


@pytest.mark.parametrize("why", ["nothing connected", "nobody asked", "nothing waits", "nothing matches"])
def test_an_empty_inbox_says_why(client, why, django_user_model):
    if why == "nothing connected":
        client.force_login(django_user_model.objects.create_user("new"))
        page = html(client.get("/inbox/"))
        assert "No namespace is connected yet" in page
        assert 'href="/namespaces/connect/"' in page
        return
    author = factories.make_author()
    client.force_login(author)
    repository = factories.make_repository()
    if why == "nobody asked":
        assert "Nobody has asked yet" in html(client.get("/inbox/"))
        return
    factories.decide(author, factories.ask(repository), "accept")
    if why == "nothing waits":
        assert "Nothing is waiting" in html(client.get("/inbox/"))
    else:
        page = html(client.get("/inbox/?q=nobody&status=pending"))
        assert "No request matches" in page
        assert "nobody" in page


def test_the_frame_says_what_waits_and_how_the_hub_stands(signed_in, author, repository):
    for name in ("ana", "ben"):
        factories.ask(repository, name)
    assert "Hub in step" not in html(signed_in.get("/inbox/"))
    read_at = timezone.now() - timedelta(seconds=40)
    actions.record_walk(repository=repository, status="pending", read_at=read_at, complete=True, rows=2, newest=read_at)
    page = html(signed_in.get("/inbox/"))
    assert "Hub in step, 4" in page
    assert '<span class="hg-nav__count">2</span>' in page
    factories.decide(author, AccessRequest.objects.get(person__username="ana"), "accept")
    page = html(signed_in.get("/inbox/"))
    assert "1 on the way to the Hub" in page
    assert '<span class="hg-nav__count">1</span>' in page


def test_reading_only_shows_the_decisions_switched_off(client, db):
    client.force_login(factories.make_author(changes_enabled=False))
    request = factories.ask(factories.make_repository())
    page = html(client.get(f"/requests/{request.pk}/"))
    assert "hubgate only reads aurora-lab." in page
    assert 'href="/namespaces/aurora-lab/"' in page
    assert page.count(" disabled ") == 3
    assert not any(f'data-key="{key}"' in page for key in "aru")
    assert "/accept/" not in page
    refused = client.post(f"/requests/{request.pk}/accept/", {"seen_status": "pending"})
    assert refused.status_code == 409
    assert "hubgate only reads aurora-lab." in html(refused)
    assert client.get(f"/requests/{request.pk}/reject/").status_code == 409
