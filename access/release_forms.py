"""Forms of release plans: what a person types, before the rules judge it."""

from __future__ import annotations

from typing import Any

from django import forms

from access import release
from access.actions.decide import NO_REASON
from access.queries.recall import EVERYBODY, NOBODY, STAGE, Chosen
from access.queries.release import StageLine
from access.release import StageFacts
from hubgate.errors import InvalidInputError

_GATES = [
    (release.PRIVATE, "Private: only members see it"),
    (release.MANUAL, "By hand: somebody decides each request"),
    (release.AUTO, "Automatic: whoever asks and fits is let in"),
    (release.OPEN, "Open: anybody downloads without asking"),
]
_AUDIENCES = [
    (release.ANYONE, "Anyone"),
    (release.PEOPLE, "Named people"),
    (release.ORGANISATIONS, "Verified organisations"),
    (release.DOMAINS, "People of certain mail domains"),
]
_WHEN = "%Y-%m-%dT%H:%M"


class StageForm(forms.Form):
    """What a stage says."""

    use_required_attribute = False
    name = forms.CharField(
        max_length=200,
        help_text="Such as “Vetted organisations”.",
        error_messages={"required": "Give the stage a name, such as “Vetted organisations”."},
    )
    gate = forms.ChoiceField(label="Gate on the Hub", choices=_GATES, widget=forms.RadioSelect, initial=release.MANUAL)
    audience = forms.ChoiceField(label="Who it is for", choices=_AUDIENCES, initial=release.ANYONE)
    members = forms.CharField(
        label="User names, organisations or domains",
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
        help_text="One to a line; none for anyone. An automatic gate lets in only who is in the list.",
    )
    capacity = forms.IntegerField(
        label="Places",
        required=False,
        help_text="How many people are let in at most; empty for no limit. Others wait in line.",
        error_messages={"invalid": "Give the places as a whole number, such as 200, or none."},
    )
    grant_days = forms.IntegerField(
        label="Days that a grant lasts",
        required=False,
        help_text="Empty for no end.",
        error_messages={"invalid": "Give the days as a whole number, such as 90, or none."},
    )
    opens_at = forms.DateTimeField(
        label="Not before (UTC)",
        required=False,
        input_formats=[_WHEN, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(format=_WHEN, attrs={"type": "datetime-local"}),
        help_text="It opens by itself then, if its conditions hold; empty to open it by hand only.",
        error_messages={"invalid": "Write the date as 2026-03-01 or 2026-03-01 09:00, in UTC."},
    )
    needs_license = forms.BooleanField(label="Needs a licence in the card", required=False)
    needs_tag_ruling = forms.BooleanField(label="Needs a ruling on the content tag", required=False)
    needs_evaluation = forms.BooleanField(label="Needs an evaluation attached", required=False)
    needs_go = forms.BooleanField(label="Needs an author’s go", required=False)

    @classmethod
    def of(cls, facts: StageFacts) -> StageForm:
        """The form filled with what a stage says."""
        initial = {name: getattr(facts, name) for name in cls.base_fields}
        return cls(initial={**initial, "members": "\n".join(facts.members)})

    def facts(self) -> StageFacts:
        """What was typed, as plain data. Needs a valid form."""
        values: dict[str, Any] = dict(self.cleaned_data)
        return release.as_facts({**values, "members": tuple(values["members"].splitlines())})

    def refuse(self, error: InvalidInputError) -> None:
        """Put the mistakes that the rules found where they are."""
        for name, sentence in error.fields.items():
            self.add_error(name if name in self.fields else None, sentence)


class RecallForm(forms.Form):
    """How far to close the gate, whose grants to reset, and why."""

    use_required_attribute = False
    gate = forms.ChoiceField(
        label="Close the gate to",
        choices=[
            (release.MANUAL, "By hand: the page stays public, nobody new is let in by itself"),
            (release.PRIVATE, "Private: only members see the repository"),
        ],
        widget=forms.RadioSelect,
        initial=release.MANUAL,
    )
    whose = forms.ChoiceField(label="Reset the grants of")
    organisation = forms.CharField(
        label="Only of this verified organisation", required=False, max_length=200, help_text="Empty for all."
    )
    domain = forms.CharField(
        label="Only of this mail domain", required=False, max_length=253, help_text="Empty for all."
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text="Everybody whose grant is reset reads it. It is kept in the history.",
        error_messages={"required": NO_REASON},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, lines: list[StageLine], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entered = [line for line in lines if line.taken is not None]
        choices = [(f"{STAGE}-{line.stage.pk}", f"everybody let in during “{line.facts.name}”") for line in entered]
        choices += [(EVERYBODY, "everybody who has access"), (NOBODY, "nobody: only close the gate")]
        whose: Any = self.fields["whose"]
        whose.choices = choices

    def chosen(self) -> Chosen:
        """Whose grants. Needs a valid form."""
        way, _, stage = self.cleaned_data["whose"].partition("-")
        return Chosen(
            way,
            stage_id=int(stage) if stage else None,
            organisation=self.cleaned_data["organisation"],
            domain=self.cleaned_data["domain"],
        )

    def refuse(self, error: InvalidInputError) -> None:
        """Put the mistakes that the rules found where they are."""
        for name, sentence in (error.fields or {"reason": error.message}).items():
            self.add_error(name if name in self.fields else None, sentence)
