"""Components: what they show, what they refuse, and that nothing of others gets through unescaped."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone

from hubgate.http import icons, web
from hubgate.templatetags import ui

EVIL = "<script>alert(1)</script>\"'"


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        '{% icon "no-such-icon" %}',
        '{% icon "check" size=9 %}',
        '{% status "approved" %}',
        '{% badge "" %}',
        '{% badge "In step" tone="loud" %}',
        '{% gate "" %}',
        '{% mailkind "corporate" %}',
        "{% when naive %}",
        "{% when 'yesterday' %}",
        '{% when now style="long" %}',
        '{% alert "danger" %}x{% endalert %}',
        '{% empty_state "" %}x{% endempty_state %}',
        '{% chip "Pending" "" %}',
        "{% factbox %}nothing{% endfactbox %}",
        '{% fact "" %}x{% endfact %}',
        '{% fact "E-mail" tone="loud" %}x{% endfact %}',
        '{% key "" %}',
        '{% avatar " " %}',
        '{% progress "" %}',
        '{% progress "Sending" done=5 total=4 %}',
        '{% dialog title="" %}x{% enddialog %}',
        "{% error_summary now %}",
        "{% control now %}",
    ],
)
def test_a_wrong_argument_raises(source):
    with pytest.raises(ui.ComponentError):
        render(source, now=timezone.now(), naive=datetime(2025, 1, 1))


def test_a_missing_argument_raises():
    with pytest.raises((TemplateSyntaxError, TypeError)):
        render("{% alert %}x{% endalert %}")


@pytest.mark.parametrize(
    ("source", "context"),
    [
        ("{% badge evil hint=evil %}", {}),
        ("{% gate evil %}", {}),
        ('{% mailkind "free" evil %}', {}),
        ('{% alert "info" title=evil %}{{ evil }}{% endalert %}', {}),
        ("{% empty_state evil %}{{ evil }}{% endempty_state %}", {}),
        ("{% chip evil evil active=True %}", {}),
        ("{% factbox %}{% fact evil note=evil %}{{ evil }}{% endfact %}{% endfactbox %}", {}),
        ("{% timeline entries %}", {"entries": [web.TimelineEntry(EVIL, timezone.now(), "check", EVIL)]}),
        ("{% key evil %}", {}),
        ("{% avatar evil %}", {}),
        ("{% progress evil note=evil cancel_url=evil %}", {}),
        ("{% dialog title=evil %}{{ evil }}{% enddialog %}", {}),
        ('{% icon "check" label=evil %}', {}),
        ("{{ evil|breakable }}", {}),
        ("{% pager previous=evil next=evil label=evil %}", {}),
    ],
)
def test_text_of_others_is_escaped(source, context):
    html = render(source, evil=EVIL, **context)
    assert "<script" not in html
    assert EVIL not in html


def test_every_status_has_icon_word_and_colour():
    for value, (_, word) in ui.STATUSES.items():
        html = render("{% status value %}", value=value)
        assert f"hg-status--{value}" in html
        assert word in html
        assert "<svg" in html


def test_an_unknown_gate_is_shown_by_its_name():
    assert "by-invitation" in render('{% gate "by-invitation" %}')


def test_icons_are_hidden_unless_labelled():
    assert 'aria-hidden="true"' in render('{% icon "check" %}')
    assert 'role="img" aria-label="Done"' in render('{% icon "check" label="Done" %}')


def test_icon_shapes_are_closed_markup():
    for name, shape in icons.ICONS.items():
        assert re.fullmatch(r"(<(path|circle|rect) [^<>]+/>)+", shape), name


@pytest.mark.parametrize(
    ("ago", "short", "words"),
    [
        (timedelta(seconds=20), "now", "just now"),
        (timedelta(minutes=1), "1 min", "1 minute ago"),
        (timedelta(hours=2, minutes=59), "2 h", "2 hours ago"),
        (timedelta(days=9), "9 d", "9 days ago"),
        (timedelta(days=15), "2 wk", "2 weeks ago"),
        (timedelta(days=100), "3 mo", "3 months ago"),
        (timedelta(days=800), "2 y", "2 years ago"),
        (-timedelta(days=3, minutes=1), "in 3 d", "in 3 days"),
    ],
)
def test_when_says_how_long_ago_and_exactly(ago, short, words, time_machine_now):
    at = time_machine_now - ago
    html = render("{% when at %}|{% when at style='short' %}", at=at)
    assert words in html
    assert f">{short}<" in html
    assert f'datetime="{at.isoformat(timespec="seconds")}"' in html
    assert f"{at:%H:%M} UTC" in html


@pytest.fixture
def time_machine_now():
    import time_machine

    now = datetime(2025, 11, 25, 12, 0, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        yield now


def test_a_time_leaves_no_space_before_what_follows():
    assert render("{% when at %}, on the Hub", at=timezone.now()).endswith("</time>, on the Hub")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mara Keller", "MK"),
        ("jordan", "J"),
        ("aurora-lab", "AL"),
        ("王小明", "王"),
        ("Éva de la Cruz", "ÉC"),
        ("_", "_"),
    ],
)
def test_initials(name, letters):
    assert ui.initials(name) == letters


class Form(forms.Form):
    purpose = forms.CharField(label="Purpose", help_text="Reviewers read this first.", widget=forms.Textarea)
    role = forms.ChoiceField(label="Role", choices=[("r", "Researcher")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False)
    agree = forms.BooleanField(label="I agree")
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self):
        raise forms.ValidationError("The stage closed meanwhile.")


def test_a_field_has_label_hint_control_and_error_bound_together():
    html = str(Form({"note": "kept"}))
    assert '<label class="hg-field__label" for="id_purpose">Purpose' in html
    assert 'id="id_purpose_helptext"' in html
    textarea = re.search(r"<textarea[^>]*>", html)
    assert textarea is not None
    assert 'aria-describedby="id_purpose_helptext id_purpose_error"' in textarea[0]
    assert 'aria-invalid="true"' in textarea[0]
    assert 'class="textarea"' in textarea[0]
    assert 'id="id_purpose_error"' in html
    assert 'value="kept"' in html
    assert html.count("<fieldset") == 1
    assert "(optional)" in html
    assert '<input type="hidden" name="token"' in html


def test_mistakes_are_listed_on_top_with_links():
    html = str(Form({}))
    summary = html[: html.index('class="hg-field"')]
    assert "4 things need another look." in summary
    assert "The stage closed meanwhile." in summary
    assert 'href="#id_purpose"' in summary
    assert 'role="alert"' in summary


def test_an_untouched_form_has_no_list_of_mistakes():
    assert "another look" not in str(Form())


def test_dialog_content_is_a_page_without_scripts(rf):
    request = rf.get("/")
    html = render('{% dialog title="Reject" %}why{% enddialog %}', request=request)
    assert "<h1>Reject</h1>" in html
    assert "hg-dialog__head" not in html
