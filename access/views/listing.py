"""The list that an address shows: every link of the inbox carries it on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from access.forms import ALL, ASKED, ListForm
from access.queries import Filter
from hubgate.errors import InvalidInputError


@dataclass(frozen=True)
class Listing:
    """A filter and a place in its list. `query` is its address part: "" or "?status=…"."""

    wanted: Filter
    cursor: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Listing:
        """The list that an address means. InvalidInputError with a sentence for one that means none."""
        form = ListForm(query)
        if not form.is_valid():
            raise InvalidInputError(str(next(iter(form.errors.values()))[0]), code="bad_list")
        return cls(form.to_filter(), form.cleaned_data["cursor"])

    def with_filter(self, **changes: Any) -> Listing:
        """The first page of the list with a changed filter."""
        return Listing(replace(self.wanted, **changes))

    def at(self, cursor: str) -> Listing:
        """Another page of the same list."""
        return Listing(self.wanted, cursor)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Names and values of the address, without what goes without saying."""
        wanted = self.wanted
        pairs = [] if wanted.status == wanted.usual_status else [("status", wanted.status or ALL)]
        pairs += [("repository", str(pk)) for pk in wanted.repositories]
        pairs += [("country", code) for code in wanted.countries]
        pairs += [("organisation", name) for name in wanted.organisations]
        pairs += [("domain", name) for name in wanted.domains]
        pairs += [("mail", kind or "none") for kind in wanted.mail]
        pairs += [("older", str(wanted.older))] if wanted.older else []
        pairs += [("newer", str(wanted.newer))] if wanted.newer else []
        pairs += [("assigned", wanted.assigned)] if wanted.assigned else []
        pairs += [("ends", str(wanted.ends))] if wanted.ends else []
        pairs += [("renewal", ASKED)] if wanted.renewal else []
        pairs += [("q", wanted.text)] if wanted.text else []
        return pairs + ([("cursor", self.cursor)] if self.cursor else [])

    @property
    def query(self) -> str:
        """The address part, with its question mark."""
        return f"?{urlencode(self.parameters)}" if self.parameters else ""

    @property
    def and_query(self) -> str:
        """The address part, to go on after another parameter."""
        return f"&{urlencode(self.parameters)}" if self.parameters else ""

    @property
    def url(self) -> str:
        """The inbox showing this list."""
        return reverse("access:inbox") + self.query

    def request_url(self, pk: int, name: str = "request") -> str:
        """A request within this list, or an act on it."""
        return reverse(f"access:{name}", args=[pk]) + self.query

    @property
    def narrowed(self) -> bool:
        """Whether anything but a status narrows the list."""
        return self.wanted != Filter(status=self.wanted.status)
