"""Untrusted text about content tags to clean values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from hubgate.errors import InvalidInputError
from tagging import rules
from tagging.actions.propose import NO_EVIDENCE
from tagging.actions.tag import NO_REASON
from tagging.models import ContentPreference

_TOO_LONG = "Shorten this: at most %(limit_value)s characters are kept, and it has %(show_value)s."


class ReasonForm(forms.Form):
    """A public reason."""

    reason = forms.CharField(
        label="Reason",
        max_length=rules.REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Public: everybody who sees the repository reads it, and it goes into the commit on the Hub.",
        error_messages={"required": NO_REASON, "max_length": _TOO_LONG},
    )

    def refuse(self, error: InvalidInputError) -> None:
        """Show what an action found wrong."""
        for name, sentence in (error.fields or {"": error.message}).items():
            self.add_error(name if name in self.fields else None, sentence)


class DecideForm(ReasonForm):
    """The tag set (`on`) or cleared (`off`), with a reason."""

    is_set = forms.TypedChoiceField(
        choices=[("on", "Set"), ("off", "Cleared")],
        coerce=lambda word: word == "on",
        widget=forms.HiddenInput,
        error_messages={"required": "Set or clear?", "invalid_choice": "Set or clear?"},
    )
    field_order = ["is_set", "reason"]


class ClearForm(ReasonForm):
    """The tag cleared on several repositories, with one reason."""

    repository = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.MultipleHiddenInput,
        error_messages={
            "required": "Tick the repositories whose tag is to be cleared.",
            "invalid_choice": "One of the repositories is not on this page any more. Look at the list again.",
        },
    )
    field_order = ["repository", "reason"]

    def __init__(self, *args: Any, offered: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["repository"]
        assert isinstance(choices, forms.TypedMultipleChoiceField)
        choices.choices = [(str(number), str(number)) for number in offered]
        self.fields["reason"].help_text = "Public, the same for each of them; it goes into each commit on the Hub."


class RulingForm(ReasonForm):
    """A proposal accepted or declined, with a reason."""

    verdict = forms.TypedChoiceField(
        choices=[("accept", "Accept"), ("decline", "Decline")],
        coerce=lambda word: word == "accept",
        widget=forms.HiddenInput,
        required=True,
        error_messages={"required": "Accept or decline?", "invalid_choice": "Accept or decline?"},
    )
    field_order = ["reason", "verdict"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = "Public, and the proposer is told."


class ProposalForm(forms.Form):
    """What somebody saw, and where."""

    evidence = forms.CharField(
        label="What did you see?",
        max_length=rules.EVIDENCE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Which file, which example, which sentence of the card. Only those who rule on it read this.",
        error_messages={"required": NO_EVIDENCE, "max_length": _TOO_LONG},
    )
    links = forms.CharField(
        label="Links",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=f"One a line, at most {rules.MOST_LINKS}.",
    )

    def clean_links(self) -> list[str]:
        """The links, one a line."""
        links, problem = rules.links_in(self.cleaned_data["links"])
        if problem:
            raise forms.ValidationError(problem)
        return links


class ChoiceForm(forms.Form):
    """What to do with tagged repositories."""

    choice = forms.ChoiceField(
        label="Repositories tagged “Not For All Eyes”",
        choices=ContentPreference.Choice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three.", "invalid_choice": "Choose one of the three."},
    )
