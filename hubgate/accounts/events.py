"""Events of accounts, with the sentence that a timeline shows."""

TOKEN_MADE = "accounts.token.made"  # noqa: S105 (the name of an event)
TOKEN_REVOKED = "accounts.token.revoked"  # noqa: S105 (the name of an event)

SENTENCES = {
    TOKEN_MADE: "{actor} made the access token “{token}” ({scopes}), good until {until}",
    TOKEN_REVOKED: "{actor} revoked the access token “{token}”",
}
