"""Untrusted text about content tags to clean values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from hubgate.errors import InvalidInputError
from tagging import rules
from tagging.actions.evaluate import NO_TITLE
from tagging.actions.propose import NO_EVIDENCE
from tagging.actions.tag import NO_REASON
from tagging.evaluations import FINDING_LIMIT, MOST_BYTES, TITLE_LIMIT, Result, UnreadableError, read_file
from tagging.models import ContentPreference, Evaluation

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


class AboutForm(forms.Form):
    """What an evaluation is about."""

    about = forms.ChoiceField(
        label="It is about",
        choices=Evaluation.About.choices,
        error_messages={"required": "Say what it is about.", "invalid_choice": "Choose one of the three."},
    )


class EvaluationForm(AboutForm):
    """Numbers in a file, or a link to a Space with the finding in words."""

    title = forms.CharField(
        label="Title",
        max_length=TITLE_LIMIT,
        help_text="What was measured, such as “Toxicity by named group, 2,000 prompts”.",
        error_messages={"required": NO_TITLE, "max_length": _TOO_LONG},
    )
    file = forms.FileField(
        label="Numbers",
        required=False,
        help_text="A CSV file with the columns group, metric and value, or JSON with the same; one line a number.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.json,text/csv,application/json"}),
        error_messages={"empty": "The file is empty."},
    )
    link = forms.CharField(
        label="Link to a Space",
        required=False,
        max_length=rules.LINK_LIMIT,
        help_text="Where it can be tried or read, https://…",
        widget=forms.URLInput,
        error_messages={"max_length": _TOO_LONG},
    )
    finding = forms.CharField(
        label="Finding",
        required=False,
        max_length=FINDING_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="In words, for readers: needed where there are no numbers.",
        error_messages={"max_length": _TOO_LONG},
    )
    field_order = ["title", "about", "file", "link", "finding"]

    def clean_file(self) -> list[Result]:
        """The numbers in the file; none without one."""
        given = self.cleaned_data["file"]
        if not given:
            return []
        try:
            return read_file(given.read(MOST_BYTES + 1))
        except UnreadableError as error:
            raise forms.ValidationError(str(error)) from None

    def given(self) -> dict[str, Any]:
        """What `actions.attach` takes."""
        values = dict(self.cleaned_data)
        values["results"] = values.pop("file")
        return values

    def refuse(self, error: InvalidInputError) -> None:
        """Show what an action found wrong."""
        for name, sentence in (error.fields or {"": error.message}).items():
            self.add_error(name if name in self.fields else None, sentence)
