"""What people type about namespaces and tokens. A token is never rendered back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

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
