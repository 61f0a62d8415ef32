"""Untrusted text of the inbox's forms and addresses to clean values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from access import ends, messages, rules, states
from access.actions.assign import NOT_A_REVIEWER
from access.actions.bulk import clean_bulk_reason
from access.actions.decide import NO_REASON, clean_reason
from access.actions.notes import NO_TEXT, clean_note
from access.actions.own import clean_words
from access.actions.saved_views import LONGEST_NAME
from access.ends import Length, Wish
from access.messages import days
from access.queries import ME, NOBODY, Filter
from access.rules import MailKind
from hubgate.errors import InvalidInputError

ALL = "all"
ASKED = "asked"
USUAL_END, ON_DATE = "usual", "date"
MOST_REPOSITORIES = 50
MOST_TICKED = 500
MOST_VALUES = 20
MOST_DAYS = 3660
LONGEST_SEARCH = 200
MAIL_WORDS = {kind.value or "none": kind.value for kind in MailKind}


class ManyField(forms.Field):
    """A name that an address may repeat: a tuple of texts without empty and doubled ones."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, most: int, too_many: str, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.most, self.too_many = most, too_many

    def to_python(self, value: Any) -> tuple[str, ...]:
        parts = tuple(dict.fromkeys(part.strip() for part in value or [] if part.strip()))
        if len(value or []) > max(self.most, MOST_REPOSITORIES) or len(parts) > self.most:
            raise forms.ValidationError(self.too_many)
        if any("\0" in part or len(part) > LONGEST_SEARCH for part in parts):
            raise forms.ValidationError("A filter in this address cannot be read. Choose it above the list again.")
        return parts


def _ids(parts: tuple[str, ...], what: str) -> tuple[int, ...]:
    if not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in parts):
        raise forms.ValidationError(f"A {what} in this address is not a number. Choose it in the list again.")
    return tuple(dict.fromkeys(int(part) for part in parts))


def _days(what: str) -> forms.IntegerField:
    wrong = f"{what}: give whole days, from 1 to {MOST_DAYS:,}."
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), wrong)
    return forms.IntegerField(required=False, min_value=1, max_value=MOST_DAYS, error_messages=messages)


class ListForm(forms.Form):
    """Which requests an inbox address shows."""

    status = forms.CharField(required=False)
    repository = ManyField(
        most=MOST_REPOSITORIES, too_many=f"Choose at most {MOST_REPOSITORIES} repositories at a time."
    )
    country = ManyField(most=MOST_VALUES, too_many=f"Choose at most {MOST_VALUES} countries at a time.")
    organisation = ManyField(most=MOST_VALUES, too_many=f"Choose at most {MOST_VALUES} organisations at a time.")
    domain = ManyField(most=MOST_VALUES, too_many=f"Choose at most {MOST_VALUES} mail domains at a time.")
    mail = ManyField(most=len(MAIL_WORDS), too_many="There are not that many kinds of mail. Choose them again.")
    older = _days("Asked longer ago than")
    newer = _days("Asked within")
    assigned = forms.CharField(required=False)
    ends = _days("Access ends within")
    renewal = forms.CharField(required=False)
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

    def clean_repository(self) -> tuple[int, ...]:
        return _ids(self.cleaned_data["repository"], "repository")

    def clean_country(self) -> tuple[str, ...]:
        codes = []
        for word in self.cleaned_data["country"]:
            codes.append(rules.country_code(word))
            if not codes[-1]:
                raise forms.ValidationError(
                    f"There is no country “{word[:40]}”. Write its English name or its two letters, such as CA."
                )
        return tuple(dict.fromkeys(codes))

    def clean_domain(self) -> tuple[str, ...]:
        names = [name.lower().rpartition("@")[2].rstrip(".") for name in self.cleaned_data["domain"]]
        return tuple(dict.fromkeys(name for name in names if name))

    def clean_mail(self) -> tuple[str, ...]:
        words: tuple[str, ...] = self.cleaned_data["mail"]
        for word in words:
            if word not in MAIL_WORDS:
                raise forms.ValidationError(f"There is no mail of the kind “{word[:40]}”. Choose one in the list.")
        return tuple(MAIL_WORDS[word] for word in words)

    def clean_assigned(self) -> str:
        assigned: str = self.cleaned_data["assigned"]
        is_id = assigned.isascii() and assigned.isdigit() and len(assigned) <= 15
        if assigned and assigned not in (ME, NOBODY) and not is_id:
            raise forms.ValidationError("Requests are assigned to me, to nobody or to an account. Choose one again.")
        return assigned

    def clean_renewal(self) -> bool:
        renewal: str = self.cleaned_data["renewal"]
        if renewal not in ("", ASKED):
            raise forms.ValidationError(f"“renewal” is “{ASKED}” or left out: requests to renew that wait.")
        return bool(renewal)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        older, newer = cleaned.get("older"), cleaned.get("newer")
        if older and newer and older >= newer:
            raise forms.ValidationError(
                f"Nothing was asked more than {days(older)} ago and within the last {days(newer)}. Change one of them."
            )
        return cleaned

    def to_filter(self) -> Filter:
        """The filter of a valid address, with the usual status where it names none."""
        found = self.cleaned_data
        status, text = found["status"], found["q"]
        wanted = Filter(
            status="" if status == ALL else status,
            repositories=found["repository"],
            text=text,
            countries=found["country"],
            organisations=found["organisation"],
            domains=found["domain"],
            mail=found["mail"],
            older=found["older"] or 0,
            newer=found["newer"] or 0,
            assigned=found["assigned"],
            ends=found["ends"] or 0,
            renewal=found["renewal"],
        )
        return wanted if status else replace(wanted, status=wanted.usual_status)


class ViewForm(forms.Form):
    """The name of a saved view; `access.actions` says what a name may be."""

    use_required_attribute = False
    name = forms.CharField(
        label="Name of the view",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "maxlength": LONGEST_NAME}),
    )


class EndField(forms.ChoiceField):
    """When access ends, one of a few choices; `usual` where nothing is chosen, empty for a choice that is due."""

    usual = USUAL_END

    def clean(self, value: Any) -> str:
        return str(super().clean(value or self.usual))


class EndForm(forms.Form):
    """When access ends: as is usual for the repository (where that is `offered`), never, in some days, on a date."""

    use_required_attribute = False
    ends = EndField(
        label="Access ends",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose when access ends.", "invalid_choice": "Choose one of these ends."},
    )
    ends_on = forms.DateField(
        label="Date",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="For “On a date”: access lasts to the end of that day (UTC).",
        error_messages={"invalid": "Write the date as 2027-03-31."},
    )

    def __init__(self, *args: Any, length: Length, offered: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["ends"]
        assert isinstance(field, EndField)
        self.now, self.length = timezone.now(), length
        field.usual = USUAL_END if offered else ""
        field.choices = end_choices(length, self.now, usual=offered)
        self.initial.setdefault("ends", USUAL_END if offered else "")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("ends") == ON_DATE and not cleaned.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", "Say on which date.")
        if not self.errors:
            try:
                ends.end_of(self.wish, self.length, self.now)
            except InvalidInputError as error:
                self.add_error("ends_on" if cleaned.get("ends") == ON_DATE else "ends", error.message)
        return cleaned

    @property
    def wish(self) -> Wish:
        """The end that a valid form wishes for; without a choice the usual one."""
        chosen, day = self.cleaned_data["ends"], self.cleaned_data["ends_on"]
        if chosen == ON_DATE:
            return ends.through(day)
        if chosen == ends.NEVER_IS:
            return ends.NEVER
        return ends.after(int(chosen), self.now) if chosen.isdigit() else ends.USUAL


def end_choices(length: Length, now: datetime, *, usual: bool) -> list[tuple[str, str]]:
    """What a form offers of a length of access, in words."""
    limit = length.most
    never = not limit and not length.usual
    choices = [(USUAL_END, f"{'Never' if never else f'In {messages.lasts(length)}'}, as usual here")] if usual else []
    choices += [] if limit or (usual and never) else [(ends.NEVER_IS, "Never")]
    choices += [
        (str(number), f"In {number} days, on {ends.day_of(now + timedelta(days=number))}")
        for number in ends.CHOICES
        if not limit or number <= limit
    ]
    return [*choices, (ON_DATE, f"On a date{f', within {messages.days(limit)}' if limit else ''}")]


class DecisionForm(forms.Form):
    """A decision of one click: which status its maker saw."""

    seen_status = forms.ChoiceField(choices=[(status, status) for status in states.OURS], widget=forms.HiddenInput)


class AcceptForm(EndForm, DecisionForm):
    """Letting somebody in whose access ends otherwise than usual."""


class RenewalForm(forms.Form):
    """A word on why one needs access longer."""

    use_required_attribute = False
    words = forms.CharField(
        label="What you need it longer for",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True, "dir": "auto"}),
        help_text="If you like. Those who decide read it.",
    )

    def clean_words(self) -> str:
        try:
            return clean_words(self.cleaned_data["words"])
        except InvalidInputError as error:
            raise forms.ValidationError(error.message) from None


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


class ChoiceForm(forms.Form):
    """What is to be done with which requests: those ticked, or all of a list (its address part)."""

    verb = forms.CharField(required=False, max_length=12)
    request = ManyField(most=MOST_TICKED, too_many=f"Choose at most {MOST_TICKED} requests at a time.")
    all = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=2000)

    def clean_request(self) -> tuple[int, ...]:
        return _ids(self.cleaned_data["request"], "request")


class BulkEndForm(EndForm):
    """When access ends that a bulk decision gives, over repositories that may each have a length of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, length=Length(), **kwargs)
        field = self.fields["ends"]
        assert isinstance(field, forms.ChoiceField)
        usual = (USUAL_END, "As is usual for each repository")
        field.choices = [usual, *end_choices(Length(), self.now, usual=False)]
        field.help_text = "Where a repository allows less, access ends then."


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


class AssignForm(forms.Form):
    """An account by its id; empty for nobody."""

    assignee = forms.IntegerField(
        required=False, min_value=1, max_value=2**53, error_messages={"invalid": NOT_A_REVIEWER}
    )


class GrantForm(EndForm):
    """Letting somebody in who has not asked."""

    field_order = ["username", "ends", "ends_on"]

    username = forms.CharField(
        label="User name on the Hub",
        max_length=200,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text="Such as jordan. They need not have asked.",
        error_messages={"required": "Give the person's user name on the Hub."},
    )
    over_capacity = forms.BooleanField(label="Even though the stage in force is full", required=False)

    def __init__(self, *args: Any, full: bool = False, **kwargs: Any) -> None:
        """`full`: the stage in force has no place left, and its author is asked whether that matters."""
        super().__init__(*args, **kwargs)
        if not full:
            del self.fields["over_capacity"]
