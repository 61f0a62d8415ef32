"""Untrusted text of the inbox's forms and addresses to clean values."""

from __future__ import annotations

from typing import Any

from django import forms

from access import states
from access.actions.assign import NOT_A_REVIEWER
from access.actions.decide import NO_REASON, clean_reason
from access.actions.notes import NO_TEXT, clean_note
from access.queries import Filter
from hubgate.errors import InvalidInputError

ALL = "all"
MOST_REPOSITORIES = 50
LONGEST_SEARCH = 200


class IdsField(forms.Field):
    """Repeated ids in an address: a tuple of ints."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[int, ...]:
        ids = value or []
        if len(ids) > MOST_REPOSITORIES:
            raise forms.ValidationError(f"Choose at most {MOST_REPOSITORIES} repositories at a time.")
        if not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in ids):
            raise forms.ValidationError("A repository in this address is not a number. Choose it in the list again.")
        return tuple(dict.fromkeys(int(part) for part in ids))


class ListForm(forms.Form):
    """Which requests an inbox address shows."""

    status = forms.CharField(required=False)
    repository = IdsField(required=False)
    q = forms.CharField(
        required=False,
        max_length=LONGEST_SEARCH,
        error_messages={"max_length": f"Search for at most {LONGEST_SEARCH} characters."},
    )
    cursor = forms.CharField(required=False, max_length=64)

    def clean_status(self) -> str:
        status: str = self.cleaned_data["status"]
        if status and status != ALL and status not in states.OURS:
            raise forms.ValidationError(f"There is no status “{status[:40]}”. Choose one above the list.")
        return status

    def to_filter(self) -> Filter:
        """The filter of a valid address. Without a status it is what waits; looking for words, it is all."""
        status, text = self.cleaned_data["status"], self.cleaned_data["q"]
        if status == ALL or (not status and text):
            status = ""
        elif not status:
            status = states.PENDING
        return Filter(status=status, repositories=self.cleaned_data["repository"], text=text)


class DecisionForm(forms.Form):
    """A decision of one click: which status its maker saw."""

    seen_status = forms.ChoiceField(choices=[(status, status) for status in states.OURS], widget=forms.HiddenInput)


class ReasonForm(DecisionForm):
    """A decision with a reason, read by the person and kept in full."""

    use_required_attribute = False
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True, "dir": "auto", "data-draft": True}),
        help_text="The person reads it. It is kept in the history in full.",
        error_messages={"required": NO_REASON},
    )

    # What the last template made of what was typed, so that choosing another takes its place.
    typed = forms.CharField(required=False, widget=forms.HiddenInput)
    filled = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, verb: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verb = verb

    def clean_reason(self) -> str:
        try:
            return clean_reason(self.verb, self.cleaned_data["reason"])
        except InvalidInputError as error:
            raise forms.ValidationError(error.message) from None


class TemplateForm(forms.Form):
    """A reason template of a namespace."""

    use_required_attribute = False
    name = forms.CharField(
        max_length=80,
        help_text="Those who decide choose it by this name.",
        error_messages={"required": "Give it a name.", "max_length": "Choose a name of at most 80 characters."},
    )
    verb = forms.ChoiceField(
        label="For",
        choices=[(ALL, "Rejections and resets"), (states.REJECT, "Rejections"), (states.RESET_VERB, "Resets")],
        error_messages={"required": "Choose what it is for.", "invalid_choice": "Choose what it is for."},
    )
    text = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        error_messages={"required": "Write the reason."},
    )

    def clean_verb(self) -> str:
        verb: str = self.cleaned_data["verb"]
        return "" if verb == ALL else verb


class NoteForm(forms.Form):
    """A note for the others who decide."""

    use_required_attribute = False
    text = forms.CharField(
        label="Note",
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "data-draft": True}),
        help_text="Only those who decide read it, never the person.",
        error_messages={"required": NO_TEXT},
    )

    def clean_text(self) -> str:
        try:
            return clean_note(self.cleaned_data["text"])
        except InvalidInputError as error:
            raise forms.ValidationError(error.message) from None


class AssignForm(forms.Form):
    """An account by its id; empty for nobody."""

    assignee = forms.IntegerField(
        required=False, min_value=1, max_value=2**53, error_messages={"invalid": NOT_A_REVIEWER}
    )


class GrantForm(forms.Form):
    """Letting somebody in who has not asked."""

    username = forms.CharField(
        label="User name on the Hub",
        max_length=200,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text="Such as jordan. They need not have asked.",
        error_messages={"required": "Give the person's user name on the Hub."},
    )
