"""The frame round the pages: navigation, preferences, partials, errors."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.urls import reverse

from hubgate.http import web
from hubgate.styles.stamp import searched, stamp

ROOT = Path(__file__).resolve().parents[2]
CANNOT_BUILD = 3  # exit status of hubgate/styles/build


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def test_nav_is_ordered_and_leaves_out_what_is_not_for_this_person(rf):
    source = web.Registry()
    source.nav = [
        (1, lambda request: web.NavItem("Inbox", "/inbox/", "inbox", count=3)),
        (2, lambda request: None),
    ]
    frame = web.Chrome(rf.get("/"), source)
    assert [item.label for item in frame.nav] == ["Inbox"]
    assert (frame.state, frame.bell, frame.search, frame.namespaces) == (None, None, None, None)


@pytest.fixture
def registry():
    """The real registry, put back as it was."""
    before = dict(vars(web.registry), nav=list(web.registry.nav))
    yield web.registry
    vars(web.registry).update(before)


def test_register_keeps_the_order(registry, rf):
    web.register_nav(9002, lambda request: web.NavItem("Later", "/", "inbox"))
    web.register_nav(9001, lambda request: web.NavItem("Sooner", "/", "inbox"))
    web.register_footer_state(lambda request: web.FooterState("Hub in step"))
    frame = web.chrome(rf.get("/"))["chrome"]
    assert [order for order, _ in registry.nav[-2:]] == [9001, 9002]
    assert frame.state.text == "Hub in step"


@pytest.mark.parametrize(("cookie", "name"), [("light", "hubgate"), ("dark", "hubgate-dark"), ("x", ""), ("", "")])
def test_theme_is_the_cookie_s_or_the_system_s(rf, cookie, name):
    request = rf.get("/")
    request.COOKIES[web.THEME_COOKIE] = cookie
    assert web.Chrome(request).theme_name == name


def test_the_chosen_theme_is_in_the_first_byte_of_the_page(client, demo):
    client.cookies[web.THEME_COOKIE] = "dark"
    client.cookies[web.KEYS_COOKIE] = "off"
    html = client.get("/_components/").content.decode()
    assert 'data-theme="hubgate-dark"' in html[:300]
    assert 'data-keys="off"' in html


def test_preferences_are_kept_in_cookies_and_lead_back(client):
    response = client.post("/preferences/", {"theme": "dark", "next": "/inbox/?q=a"})
    assert (response.status_code, response.url) == (302, "/inbox/?q=a")
    assert response.cookies[web.THEME_COOKIE].value == "dark"
    assert web.KEYS_COOKIE not in response.cookies
    response = client.post("/preferences/", {"theme": "system"})
    assert response.cookies[web.THEME_COOKIE]["max-age"] == 0


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:x", "/\\evil.example"])
def test_preferences_lead_nowhere_else(client, target):
    assert client.post("/preferences/", {"theme": "dark", "next": target}).url == "/"


def test_an_unknown_preference_is_not_kept(client):
    response = client.post("/preferences/", {"theme": "neon", "keys": "maybe"})
    assert all(not cookie.value for cookie in response.cookies.values())
    assert client.get("/preferences/").status_code == 405


@pytest.mark.parametrize("name", ["components", "components-dialog", "components-inbox"])
def test_components_are_shown_in_the_demo_only(client, settings, name):
    settings.DEMO, settings.DEBUG = False, False
    assert client.get(reverse(f"web:{name}")).status_code == 404
    settings.DEMO = True
    assert client.get(reverse(f"web:{name}")).status_code == 200


def test_htmx_gets_the_part_and_history_gets_the_whole(client, demo):
    url = reverse("web:components-dialog")
    whole = client.get(url).content.decode()
    assert whole.startswith("<!doctype html>")
    part = client.get(url, headers={"HX-Request": "true", "HX-Target": "hg-dialog-body"}).content.decode()
    assert "<!doctype" not in part
    assert "<title>Reject Riley Park · hubgate</title>" in part
    assert 'id="hg-dialog-title"' in part
    restored = client.get(url, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}).content.decode()
    assert restored.startswith("<!doctype html>")


@pytest.mark.django_db
def test_no_page_carries_inline_style_or_handler(client, demo):
    for url in ("/_components/", "/_components/inbox/", "/_components/dialog/", "/accounts/login/", "/nowhere/"):
        html = client.get(url).content.decode()
        for banned in (" style=", "<style", " onclick", " onload", "javascript:", "<script>"):
            assert banned not in html, (url, banned)


def test_pages_are_small(client, demo):
    assert len(client.get("/_components/inbox/").content) < 60_000
    static = ROOT / "hubgate/static/hubgate"
    assert len(gzip.compress((static / "hubgate.css").read_bytes())) < 20_000
    assert len((static / "hubgate.js").read_bytes()) < 12_288


def test_a_part_brings_its_messages_along(rf):
    html = render_to_string(
        "partial.html", {"messages": [Message(constants.SUCCESS, "Accepted.")]}, request=rf.get("/")
    )
    assert 'id="hg-messages" hx-swap-oob="beforeend"' in html
    assert "Accepted." in html


def test_messages_are_escaped_and_have_their_kind():
    html = Template("{% message item %}").render(Context({"item": Message(constants.ERROR, "<b>no</b>")}))
    assert "hg-alert--error" in html
    assert "&lt;b&gt;no&lt;/b&gt;" in html


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_stand_on_their_own_and_say_what_to_do(name, rf):
    bare = get_template(name).render()
    assert "<h1>" in bare
    assert 'class="btn btn-primary"' in bare
    assert "<h1>" in render_to_string(name, request=rf.get("/lost/"))


def test_a_stale_form_is_told_so(settings):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a", "password": "b"})
    assert response.status_code == 403
    assert "This form was too old" in response.content.decode()


@pytest.mark.django_db
def test_sign_in_leads_to_the_hub_by_post(client):
    html = client.get("/accounts/login/?next=/inbox/").content.decode()
    assert '<form method="post" action="/accounts/oidc/huggingface/login/?process=login&amp;next=%2Finbox%2F">' in html
    assert "Sign in with Hugging Face" in html


@pytest.mark.django_db
def test_a_failed_sign_in_keeps_the_name_and_says_why(client):
    html = client.post("/accounts/login/", {"login": "mara", "password": "wrong-password"}).content.decode()
    assert 'value="mara"' in html
    assert "One thing needs another look." in html


def test_committed_styles_were_built_from_what_is_here():
    """Whoever changes a style or a template must build the styles again."""
    built_from = (ROOT / "hubgate/styles/built-from.sha256").read_text().strip()
    assert stamp() == built_from, "Run hubgate/styles/build and commit the result."


def test_the_stamp_of_the_styles_covers_every_template():
    pages = {
        path
        for app in ("hubgate", "repos", "tagging", "access")
        for path in (ROOT / app).glob("**/templates/**/*.html")
    }
    of_local_hub = {path for path in pages if "localhub" in path.parts}
    assert pages - of_local_hub <= set(searched())
    assert ROOT / "hubgate/templatetags/ui.py" in searched()


def test_committed_styles_are_a_fresh_build():
    """Without node or a package index this cannot be tried; what the styles were built from is checked in any case."""
    result = subprocess.run([ROOT / "hubgate/styles/build", "--check"], capture_output=True, text=True, timeout=110)
    if result.returncode == CANNOT_BUILD:
        pytest.skip(result.stderr.strip())
    assert result.returncode == 0, result.stderr
