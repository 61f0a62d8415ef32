"""The inbox in a real browser: reading, deciding by keyboard and by hand, with and without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from access.models import AccessRequest
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PEOPLE = [
    ("jordan", "Riley Park", "northlake.edu", "Evaluate refusal behaviour of small models on clinical prompts.", "Northlake University"),
    ("xm-wang", "王小明", "ustc-lab.example", "用于多模态安全评测研究，结果将公开发表。", ""),
    ("a-diallo", "Amina Diallo", "gmail.com", "Student project on caption bias, supervised by Dr. Fall.", ""),
    ("tnovak", "Tomáš Novák", "brnotech.example", "Red-teaming for the city’s procurement office.", "Brno Tech"),
    ("smarques", "Sofia Marques", "mailinator.com", "checking out the data", ""),
    ("ihoffmann", "Dr. Ines Hoffmann", "uniklinik.example", "Training annotators to recognise coded hate speech.", ""),
    ("layla-h", "ليلى حداد", "aub-lab.example", "دراسة عن انحياز النماذج في النصوص العربية.", "مختبر بيروت"),
    ("o-petrova", "Ольга Петрова", "mail.ru", "Сравнение политик поэтапного выпуска моделей.", ""),
    ("kmensah", "Kwame Mensah", "aims.example", "Teaching material for a graduate seminar.", "AIMS"),
    ("yuki", "佐藤 優希", "keio-lab.example", "臨床ノートの匿名化手法を評価します。", ""),
    ("longword", "N" * 120, "w" * 60 + ".example", "x" * 10_000, "An institute with a rather long name of its own, department of everything"),
    ("hint", "<script>alert(1)</script>", "northlake.edu", "{{ secret }} <img src=x onerror=alert(2)> =HYPERLINK(1)", "<b>bold</b>"),
]
FIELDS = {
    "What will you use it for?": "text",
    "Where do you work from?": "country",
    "Role": ["Researcher", "Student", "Industry"],
    "I will not deploy it to patients": "checkbox",
}


@pytest.fixture
def inbox(settings):
    """Mara's two gated repositories with forty requests of all sorts, some decided."""
    settings.HUB_POLL_SECONDS = 3600
    author = factories.make_author()
    tiny = factories.make_repository("aurora-lab/tiny-gated", card=factories.form_card(FIELDS))
    vision = factories.make_repository("aurora-lab/aurora-7b-vision", card=factories.form_card(FIELDS))
    now = timezone.now()
    for number in range(40):
        username, name, domain, words, organisation = PEOPLE[number % len(PEOPLE)]
        again = number // len(PEOPLE)
        who = f"{username}-{again}" if again else username
        factories.ask(
            vision if number % 3 else tiny,
            who,
            name=name if not again else f"{name} {again}",
            email=f"{who}@{domain}",
            answers={
                "What will you use it for?": words + "\n\nTwo students run it until June." * again,
                "Where do you work from?": "CA",
                "Role": "Researcher",
                "I will not deploy it to patients": "on",
            },
            organisations=[organisation] if organisation else [],
            asked_at=now - timedelta(hours=2 + 3 * number),
        )
    return author


def sign_in(page: Page, server, path: str = "/inbox/") -> Page:
    page.goto(f"{server.url}/accounts/login/?next={path}")
    page.get_by_label("User name or e-mail").fill("mara")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(server.url + path)
    return page


def one(username: str) -> AccessRequest:
    return AccessRequest.objects.get(person__username=username)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_clean(width, scheme, inbox, page_at, axe, screens, live_server):
    page = sign_in(page_at(width, scheme), live_server)
    for name, path in {
        "inbox": "/inbox/",
        "inbox-all": "/inbox/?status=all&repository=1&q=north",
        "inbox-empty": "/inbox/?status=withdrawn",
        "inbox-nothing": "/inbox/?q=nobody%25",
        "request": f"/requests/{one('jordan').pk}/",
        "request-hostile": f"/requests/{one('hint').pk}/",
        "request-long": f"/requests/{one('longword').pk}/",
        "request-arabic": f"/requests/{one('layla-h').pk}/",
        "reject-page": f"/requests/{one('jordan').pk}/reject/",
        "grant-page": f"/repositories/{one('jordan').repository_id}/grant/",
    }.items():
        page.goto(live_server.url + path)
        page.evaluate("document.fonts.ready")
        screens(page, f"real-{name}-{scheme}-{width}")
        axe(page)
        for root in ("document.documentElement", "document.querySelector('main')"):
            assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0, f"{name} scrolls sideways"
