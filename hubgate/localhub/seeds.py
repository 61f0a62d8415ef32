"""Fills the store with the fixtures of the conformance cases."""

from __future__ import annotations

from hubgate.localhub import arrange, fixtures


def fill() -> None:
    """Fills an empty store. Tokens are `fixtures.TOKENS`; `meridian` has none."""
    arrange.person(
        {
            "name": fixtures.OWNER,
            "fullname": "Aurora Lab",
            "tokens": [
                {"secret": fixtures.TOKENS["owner"], "display_name": "owner"},
                {"secret": fixtures.TOKENS["reader"], "role": "read", "display_name": "reader"},
            ],
        }
    )
    arrange.person(
        {
            "name": fixtures.REQUESTER,
            "fullname": "Riley Park",
            "email": "riley.park@people.example",
            "tokens": [{"secret": fixtures.TOKENS["requester"], "display_name": "requester"}],
        }
    )
    arrange.org({"name": fixtures.OTHER, "fullname": "Meridian"})
    for repo in fixtures.REPOS:
        arrange.repo(repo)
