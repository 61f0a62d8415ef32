"""Invented people and forms for the component page, and for a page shaped like the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from hubgate.http import web


@dataclass(frozen=True)
class Row:
    """A request as a row of the list."""

    name: str
    username: str
    hours: int
    answer: str
    repository: str
    domain: str
    kind: str
    organisation: str = ""

    @property
    def email(self) -> str:
        """The address that the person shared."""
        return f"{self.username}@{self.domain}"

    @property
    def asked_at(self) -> datetime:
        """When the person asked."""
        return timezone.now() - timedelta(hours=self.hours)


ROWS = (
    Row(
        "Riley Park",
        "jordan",
        2,
        "Evaluate refusal behaviour of small models on clinical prompts.",
        "tiny-gated",
        "northlake.example",
        "institutional",
        "Northlake University",
    ),
    Row(
        "王小明",
        "xm-wang",
        3,
        "用于多模态安全评测研究，结果将公开发表。",
        "aurora-7b-vision",
        "ustc-lab.example",
        "unknown",
    ),
    Row(
        "Amina Diallo",
        "a-diallo",
        5,
        "Student project on caption bias, supervised by Dr. Fall.",
        "aurora-7b-vision",
        "gmail.com",
        "free",
    ),
    Row(
        "Tomáš Novák",
        "tnovak",
        6,
        "Red-teaming for the city’s procurement office.",
        "aurora-7b-vision",
        "brnotech.example",
        "institutional",
        "Brno Tech",
    ),
    Row("Sofia Marques", "smarques", 8, "checking out the data", "toxic-dialogues", "mailbox.temp", "disposable"),
    Row(
        "Dr. Ines Hoffmann",
        "ihoffmann",
        11,
        "Training annotators to recognise coded hate speech; ethics approval attached.",
        "toxic-dialogues",
        "uniklinik.example",
        "institutional",
    ),
    Row(
        "ليلى حسن",
        "layla-h",
        14,
        "مقارنة سياسات الإصدار المرحلي بين المختبرات.",
        "tiny-gated",
        "cairo-nlp.example",
        "unknown",
    ),
    Row(
        "Lena Virtanen",
        "lvirt",
        26,
        "Comparing staged release policies.",
        "aurora-7b-vision",
        "helsinki.example",
        "unknown",
    ),
)

MARKDOWN = """\
This model can produce **violent images** when asked. Read the [terms](https://example.org/terms) first.

- for research on safety
- not for *deployment*

> Authors see your name and your answers.
"""


class ReasonForm(forms.Form):
    """A reason, as in a dialog."""

    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The person reads this on the Hub and in the mail.",
    )


class AskForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Full name")
    email = forms.EmailField(label="E-mail", help_text="As on your Hub account, or say why not.")
    country = forms.ChoiceField(
        label="Where do you work from?", choices=[("", "Choose…"), ("CA", "Canada"), ("FR", "France")]
    )
    purpose = forms.CharField(
        label="What will you use it for?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Reviewers read this first.",
    )
    role = forms.ChoiceField(
        label="Role", choices=[("r", "Researcher"), ("s", "Student"), ("o", "Other")], widget=forms.RadioSelect
    )
    uses = forms.MultipleChoiceField(
        label="Kinds of use",
        choices=[("e", "Evaluation"), ("t", "Teaching")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agree = forms.BooleanField(label="I will not use it to produce images of real people without their consent.")


def _frame(request: HttpRequest) -> web.Chrome:
    source = web.Registry()
    here = reverse("web:components-inbox")
    source.nav = [
        (1, lambda r: web.NavItem("Inbox", here, "inbox", count=214, current=r.path == here)),
        (
            2,
            lambda r: web.NavItem(
                "Components", reverse("web:components"), "repository", current=r.path == reverse("web:components")
            ),
        ),
        (3, lambda r: web.NavItem("Audit", "#audit", "audit", count=0)),
    ]
    source.footer = lambda r: web.FooterState("Hub in step, 40 s ago")
    source.bell = lambda r: web.Bell("#notices", 3)
    source.search = lambda r: web.Search(here)
    source.namespaces = lambda r: web.NamespaceChoice(here, ("aurora-lab", "mkeller"), "aurora-lab")
    return web.Chrome(request, source)


def context(request: HttpRequest) -> dict[str, Any]:
    """What the sample pages show."""
    now = timezone.now()
    return {
        "chrome": _frame(request),
        "rows": ROWS,
        "person": next((row for row in ROWS if row.username == request.GET.get("person")), ROWS[0]),
        "now": now,
        "before": [
            now - timedelta(seconds=20),
            now - timedelta(minutes=42),
            now - timedelta(days=9),
            now + timedelta(days=3, hours=1),
        ],
        "statuses": ["pending", "accepted", "rejected", "reset", "withdrawn", "none"],
        "gates": ["open", "auto", "manual", "private", "unknown", "by-invitation"],
        "kinds": ["free", "disposable", "institutional", "unknown"],
        "alerts": ["info", "success", "warning", "error"],
        "history": [
            web.TimelineEntry("Told that the request was received.", now - timedelta(hours=2), "mail"),
            web.TimelineEntry(
                "Dana rejected the request.", now - timedelta(hours=2), "cross", "Say more about the study."
            ),
            web.TimelineEntry("Found on the Hub.", now - timedelta(hours=2), "cloud"),
            web.TimelineEntry("Asked on the Hub, form version 3.", now - timedelta(days=2), "account"),
        ],
        "form": AskForm(),
        "wrong_form": AskForm(
            {"name": "Riley Park", "email": "r.park", "country": "CA", "role": "r"}, auto_id="id_wrong_%s"
        ),
        "markdown_text": MARKDOWN,
    }
