"""What people choose about how they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms.boundfield import BoundField

from hubgate.notify import rules
from hubgate.notify.catalogue import Topic

PACES = {
    rules.AT_ONCE: "At once",
    rules.HOURLY: "Each hour",
    rules.DAILY: "Each day",
    rules.IN_HUBGATE: "In hubgate only",
}
_HOURS = [(hour, f"{hour}:00") for hour in range(24)]
_ALL = "all"
_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class PreferencesForm(forms.Form):
    """A pace for each topic, a time zone and an hour of the day. `means` says for each pace what it would mean."""

    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        widget=forms.TextInput(attrs={**_PLAIN, "list": "zones"}),
        help_text="By name, such as Europe/Berlin.",
        error_messages={"required": "Say in which zone your day begins, as Europe/Berlin."},
    )
    daily_hour = forms.TypedChoiceField(
        label="Hour of the daily mail", coerce=int, choices=_HOURS, help_text="On the clocks of that zone."
    )

    def __init__(self, *args: Any, topics: Sequence[Topic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._topics = topics
        for topic in topics:
            self.fields[f"topic_{topic.key}"] = forms.ChoiceField(label=topic.name, choices=list(PACES.items()))

    def clean_zone(self) -> str:
        """The zone as the database of zones writes it, whatever the case it was typed in."""
        given = str(self.cleaned_data["zone"]).strip()
        by_lower = {zone.lower(): zone for zone in available_timezones()}
        known = by_lower.get(given.replace(" ", "_").lower())
        if known is None:
            raise forms.ValidationError(
                "hubgate does not know this zone. Write it as Europe/Berlin or America/New_York."
            )
        return known

    @property
    def paces(self) -> dict[str, str]:
        """The chosen pace of each topic."""
        return {topic.key: self.cleaned_data[f"topic_{topic.key}"] for topic in self._topics}

    def rows(self) -> list[tuple[Topic, BoundField]]:
        """Each topic with its field."""
        return [(topic, self[f"topic_{topic.key}"]) for topic in self._topics]


class ExceptionForm(forms.Form):
    """How to be told of a topic in one repository or namespace."""

    place = forms.CharField(
        label="Repository or namespace",
        max_length=200,
        widget=forms.TextInput(attrs={**_PLAIN, "placeholder": "owner/name"}),
        error_messages={"required": "Write the name of a repository (owner/name) or of a namespace."},
    )
    topic = forms.ChoiceField(label="About")
    pace = forms.ChoiceField(label="How", choices=list(PACES.items()))

    def __init__(self, *args: Any, topics: Sequence[Topic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["topic"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(_ALL, "Everything"), *((topic.key, topic.name) for topic in topics)]

    def clean_topic(self) -> str:
        """The topic's key, `ALL_TOPICS` for everything."""
        given = str(self.cleaned_data["topic"])
        return rules.ALL_TOPICS if given == _ALL else given


def meanings(preferences: rules.Preferences) -> Mapping[str, tuple[str, str]]:
    """Each pace: its name and what it means for this person."""
    return {pace: (PACES[pace], rules.means(pace, preferences)) for pace in rules.PACES}
