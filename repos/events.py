"""Events of namespaces and repositories, with the sentence that a timeline shows."""

CONNECTED = "repos.namespace.connected"
TOKEN_REPLACED = "repos.namespace.token-replaced"  # noqa: S105
TOKEN_CHECKED = "repos.namespace.token-checked"  # noqa: S105
CHANGES_SWITCHED_ON = "repos.namespace.changes-switched-on"
CHANGES_SWITCHED_OFF = "repos.namespace.changes-switched-off"
MAIL_SWITCHED_ON = "repos.namespace.mail-switched-on"
MAIL_SWITCHED_OFF = "repos.namespace.mail-switched-off"
WEBHOOK_MADE = "repos.namespace.webhook-made"
WEBHOOK_REMOVED = "repos.namespace.webhook-removed"
REPOSITORY_FOUND = "repos.repository.found"
REPOSITORY_RENAMED = "repos.repository.renamed"
REPOSITORY_MISSING = "repos.repository.missing"
REPOSITORY_BACK = "repos.repository.back"
GATE_CHANGED = "repos.repository.gate-changed"
VISIBILITY_CHANGED = "repos.repository.visibility-changed"
FORM_CHANGED = "repos.repository.form-changed"
CARD_UNREADABLE = "repos.repository.card-unreadable"
CARD_NEVER_READ = "repos.repository.card-never-read"
TAG_CHANGED = "repos.repository.tag-changed"
FIRST_QUESTION_CHOSEN = "repos.repository.first-question-chosen"
FIRST_QUESTION_LEFT = "repos.repository.first-question-left"
GRANT_DAYS_CHOSEN = "repos.repository.grant-days-chosen"

SENTENCES = {
    CONNECTED: "{actor} connected {subject}",
    TOKEN_REPLACED: "{actor} stored a new token for {subject}",
    TOKEN_CHECKED: "The token of {subject} was checked: {state}",
    CHANGES_SWITCHED_ON: "{actor} allowed hubgate to change the Hub for {subject}",
    CHANGES_SWITCHED_OFF: "{actor} stopped hubgate from changing the Hub for {subject}",
    MAIL_SWITCHED_ON: "{actor} switched mail to requesters on for {subject}",
    MAIL_SWITCHED_OFF: "{actor} switched mail to requesters off for {subject}",
    WEBHOOK_MADE: "{actor} made an address and a secret for the Hub's webhook of {subject}",
    WEBHOOK_REMOVED: "{actor} took back the address for the Hub's webhook of {subject}",
    REPOSITORY_FOUND: "{subject} was found on the Hub",
    REPOSITORY_RENAMED: "{before} is now called {after} on the Hub",
    REPOSITORY_MISSING: "The Hub no longer lists {subject}",
    REPOSITORY_BACK: "The Hub lists {subject} again",
    GATE_CHANGED: "The gate went from {before} to {after} on the Hub",
    VISIBILITY_CHANGED: "The repository went from {before} to {after} on the Hub",
    FORM_CHANGED: "The gate form changed: version {number}, {fields} questions",
    CARD_UNREADABLE: "The card can no longer be read; form version {number} stays in force",
    CARD_NEVER_READ: "The card cannot be read, so no form is known yet",
    TAG_CHANGED: "“Not For All Eyes” is now {after} in the card",
    FIRST_QUESTION_CHOSEN: "{actor} chose which answer lists show first: “{question}”",
    FIRST_QUESTION_LEFT: "{actor} left it to hubgate which answer lists show first",
    GRANT_DAYS_CHOSEN: "{actor} chose how long access lasts: {before} → {after}",
}

OF_REPOSITORIES = tuple(name for name in SENTENCES if name.startswith("repos.repository."))
