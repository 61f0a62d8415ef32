"""What people type about namespaces and tokens. A token is never rendered back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

TOKEN_LIMIT = 500
_OTHER = ""


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


class ConnectForm(TokenForm):
    """A namespace, one of those `offered` or another one by name, and a token for it."""

    choice = forms.ChoiceField(label="Namespace", widget=forms.RadioSelect, required=False)
    name = forms.CharField(
        label="Name of the user or organisation",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    field_order = ["choice", "name", "token"]

    def __init__(self, *args: Any, offered: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if offered:
            choice = self.fields["choice"]
            assert isinstance(choice, forms.ChoiceField)
            choice.choices = [*((name, name) for name in offered), (_OTHER, "Another one")]
            choice.required = False
            self.initial.setdefault("choice", offered[0])
            self.fields["name"].label = "If another one: its name on the Hub"
        else:
            del self.fields["choice"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.get("choice") or cleaned.get("name", "")
        if not chosen and "choice" not in self.errors and "name" not in self.errors:
            self.add_error("name", "Say which namespace: the name of a user or organisation on the Hub.")
        cleaned["name"] = chosen
        return cleaned
