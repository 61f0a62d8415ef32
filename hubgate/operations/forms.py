"""What an operator may ask to be tried again."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms

from hubgate.errors import InvalidInputError

WHATS = ("work", "mail", "round")


@dataclass(frozen=True)
class Retry:
    """`work` of a kind, one `key` or all; `mail`, one by its id (`key`) or all that were refused; the `round` over a
    namespace (`key`)."""

    what: str
    kind: str
    key: str


class RetryForm(forms.Form):
    """Checks the words of a retry."""

    what = forms.ChoiceField(choices=[(what, what) for what in WHATS])
    kind = forms.CharField(max_length=40, required=False)
    key = forms.CharField(max_length=128, required=False)

    def checked(self) -> Retry:
        """What is asked for. InvalidInputError where that makes no sense."""
        if not self.is_valid():
            fields = {name: str(errors[0]) for name, errors in self.errors.items()}
            raise InvalidInputError("That cannot be tried again: " + " ".join(fields.values()), fields=fields)
        given = Retry(**{name: self.cleaned_data[name] for name in ("what", "kind", "key")})
        missing = {"work": ("kind", given.kind), "round": ("key", given.key)}.get(given.what)
        if missing and not missing[1]:
            raise InvalidInputError("Say which.", fields={missing[0]: "This field is required."})
        digits = given.key.isascii() and given.key.isdigit() and len(given.key) < 19
        if given.what == "mail" and given.key and not digits:
            raise InvalidInputError("A mail is named by its number.", fields={"key": "This is no number."})
        return given
