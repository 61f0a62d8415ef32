"""The sign-in form of local accounts, in our words; and the form of access tokens."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms

from hubgate.accounts.actions import LONGEST_DAYS
from hubgate.accounts.scopes import READ, SCOPES


class LoginForm(AllauthLoginForm):
    """User name or e-mail, and password; labels above instead of words inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name or e-mail"
        self.fields["password"].help_text = ""
        if "remember" in self.fields:
            self.fields["remember"].label = "Stay signed in on this computer"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class TokenForm(forms.Form):
    """A new access token."""

    use_required_attribute = False
    name = forms.CharField(
        max_length=80,
        label="Name",
        help_text="What it is for, such as “nightly export”.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": "Give the token a name.", "max_length": "Choose a name of at most 80 characters."},
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=list(SCOPES.items()),
        initial=[READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what the token may be used for."},
    )
    days = forms.TypedChoiceField(
        label="Good for",
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (LONGEST_DAYS, "a year")],
        initial=90,
        coerce=int,
        help_text="Then it stops by itself. You can revoke it at any time.",
    )
