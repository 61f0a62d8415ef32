"""Untrusted text of the inbox's forms and addresses to clean values."""

from __future__ import annotations

from typing import Any

from django import forms

from access import states
from access.actions.bulk import clean_bulk_reason
from access.actions.decide import NO_REASON, clean_reason
from access.queries import Filter
from hubgate.errors import InvalidInputError

ALL = "all"
MOST_REPOSITORIES = 50
MOST_TICKED = 500
LONGEST_SEARCH = 200


class IdsField(forms.Field):
    """Repeated ids in an address: a tuple of ints."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *args: Any, most: int = MOST_REPOSITORIES, what: str = "repository", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most, self.what = most, what

    def to_python(self, value: Any) -> tuple[int, ...]:
        ids = value or []
        if len(ids) > self.most:
            several = "repositories" if self.what == "repository" else f"{self.what}s"
            raise forms.ValidationError(f"Choose at most {self.most} {several} at a time.")
        if not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in ids):
            raise forms.ValidationError(f"A {self.what} in this address is not a number. Choose it in the list again.")
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
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True, "dir": "auto"}),
        help_text="The person reads it. It is kept in the history in full.",
        error_messages={"required": NO_REASON},
    )

    def __init__(self, verb: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verb = verb

    def clean_reason(self) -> str:
        try:
            return clean_reason(self.verb, self.cleaned_data["reason"])
        except InvalidInputError as error:
            raise forms.ValidationError(error.message) from None


class ChoiceForm(forms.Form):
    """What is to be done with which requests: those ticked, or all of a list (its address part)."""

    verb = forms.CharField(required=False, max_length=12)
    request = IdsField(required=False, most=MOST_TICKED, what="request")
    all = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=2000)


class BulkReasonForm(forms.Form):
    """The one reason that everybody of a bulk decision is given."""

    use_required_attribute = False
    reason = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text="Everybody reads the same. It is kept in the history of each request.",
        error_messages={"required": NO_REASON},
    )

    def __init__(self, verb: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verb = verb
        self.fields["reason"].required = verb in (states.REJECT, states.RESET_VERB)

    def clean_reason(self) -> str:
        try:
            return clean_bulk_reason(self.verb, self.cleaned_data["reason"])
        except InvalidInputError as error:
            raise forms.ValidationError(error.message) from None


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
