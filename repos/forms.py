"""What people type about namespaces and tokens. A token is never rendered back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from repos.role_words import GIVEN, WORDS

TOKEN_LIMIT = 500
ANOTHER = "/another"  # a slash, which no name on the Hub has


class TokenForm(forms.Form):
    """A Hub token."""

    token = forms.CharField(
        label="Token",
        max_length=TOKEN_LIMIT,
        widget=forms.PasswordInput(
            render_value=False,
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "placeholder": "hf_…"},
        ),
        help_text="Stored encrypted and never shown again.",
        error_messages={"required": "Paste the token here."},
    )


class GrantDaysForm(forms.Form):
    """How many days access lasts: unless somebody says otherwise, and at most."""

    use_required_attribute = False
    usual = forms.IntegerField(
        label="Days that access lasts",
        required=False,
        min_value=1,
        help_text="Unless whoever decides says otherwise. Empty: it never ends.",
        error_messages={"invalid": "Give whole days.", "min_value": "Give at least 1 day, or leave it empty."},
    )
    most = forms.IntegerField(
        label="Days at most",
        required=False,
        min_value=1,
        help_text="Nobody may give or extend it for longer at a time. Empty: no limit.",
        error_messages={"invalid": "Give whole days.", "min_value": "Give at least 1 day, or leave it empty."},
    )


class ConnectForm(TokenForm):
    """A namespace, one of those `offered` or another one by name, and a token for it."""

    use_required_attribute = False

    choice = forms.ChoiceField(
        label="Namespace", widget=forms.RadioSelect, error_messages={"required": "Choose a namespace."}
    )
    name = forms.CharField(
        label="Its name on the Hub",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
        error_messages={"required": "Say which: the name of a user or an organisation on the Hub."},
    )
    field_order = ["choice", "name", "token"]

    def __init__(self, *args: Any, offered: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [*((name, name) for name in offered), (ANOTHER, "Another one")]
        self.initial.setdefault("choice", offered[0] if offered else ANOTHER)
        if not offered:
            self.fields["name"].label = "Name of the user or organisation on the Hub"
            del self.fields["choice"]
        elif self.is_bound and self.data.get(self.add_prefix("choice")) != ANOTHER:
            self.fields["name"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("choice", ANOTHER) != ANOTHER:
            cleaned["name"] = cleaned["choice"]
        return cleaned


def _role_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Role",
        choices=[(role, WORDS[role].name) for role in GIVEN],
        initial=GIVEN[0],
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the roles."},
    )


class _PlaceForm(forms.Form):
    """What somebody is named for: a role, in all repositories (`repository` is None) or in one by its id."""

    use_required_attribute = False
    repository = forms.TypedChoiceField(
        label="For",
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Choose one of the repositories in the list."},
    )

    def __init__(self, *args: Any, repositories: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["repository"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "All repositories"), *((pk, name) for pk, name in repositories)]


class NameForm(_PlaceForm):
    """Somebody to be named by their user name."""

    username = forms.CharField(
        label="User name on the Hub",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
        error_messages={"required": "Say who: their user name on the Hub."},
    )
    role = _role_field()
    field_order = ["username", "role", "repository"]


class InviteForm(_PlaceForm):
    """Somebody to be invited by mail."""

    address = forms.CharField(
        label="E-mail address",
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the address to invite.", "max_length": "That address is too long."},
    )
    role = _role_field()
    field_order = ["address", "role", "repository"]


class EndRoleForm(forms.Form):
    """Why a role is taken away."""

    use_required_attribute = False
    reason = forms.CharField(
        label="Reason",
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The person reads it, and it is kept in the history.",
        error_messages={
            "required": "Say why: the person reads it, and it is kept in the history.",
            "max_length": "Shorten the reason to 1,000 characters.",
        },
    )
