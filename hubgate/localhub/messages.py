"""What the Hub says when it refuses, word for word (HC §1.3, §1.6). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

BAD_CREDENTIALS = "Invalid username or password."
READ_ONLY = "You have read access but not the required permissions for this operation"
PROPOSE = "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request"
NO_DISCUSSIONS = "Discussions are disabled for this repo"
NO_REQUEST = "No access request found matching your criteria"
NO_PENDING_REQUEST = "No pending access request found for this repo and this user"
USER_NOT_FOUND = "User not found"
HAS_ACCESS = "That user already has access to the repo"
REPO_NOT_FOUND = "Repository not found"
ENTRY_NOT_FOUND = "Entry not found"
NO_PAGE = "Sorry, we can't find the page you are looking for."
DISABLED = "Access to this resource is disabled."
NO_GATED_SCOPE = (
    "Please enable access to public gated repositories in your fine-grained token settings to view this repository."
)
CHALLENGE = 'Bearer realm="Authentication required", charset="UTF-8"'


@dataclass
class Refusal(Exception):
    """An answer that refuses: status, sentence, and the code of `X-Error-Code` where the Hub sends one."""

    status: int
    message: str
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, object] | None = None

    def __str__(self) -> str:
        return self.message


def unauthenticated() -> Refusal:
    return Refusal(401, BAD_CREDENTIALS)


def read_only() -> Refusal:
    return Refusal(403, READ_ONLY)


def repo_not_found(known_caller: bool) -> Refusal:
    """A stranger may not learn whether the repository exists: without credentials it is a 401."""
    return Refusal(404, REPO_NOT_FOUND, "RepoNotFound") if known_caller else unauthenticated()


def revision_not_found(revision: str) -> Refusal:
    return Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def entry_not_found(commit: str) -> Refusal:
    return Refusal(404, ENTRY_NOT_FOUND, "EntryNotFound", {"X-Repo-Commit": commit})


def not_gated(kind: str, repo: str) -> Refusal:
    return Refusal(400, f"{kind} {repo} is not gated", "RepoNotGated")


def gate_closed(kind: str, repo: str, url: str, status: str | None, known_caller: bool) -> Refusal:
    """The gate's answer by the caller's own request (HC §1.6); `url` is the repository's page."""
    if not known_caller:
        text = (
            f"Access to {kind} {repo} is restricted. You must have access to it and be authenticated to access it."
            " Please log in."
        )
        return Refusal(401, text, "GatedRepo")
    texts = {
        "pending": f"Your request to access {kind} {repo} is awaiting a review from the repo authors.",
        "rejected": f"Your request to access {kind} {repo} has been rejected by the repo's authors.",
        "reset": (
            f"Your request to access {kind} {repo} has been reset by the repo's authors."
            f" Visit {url} to submit a new request."
        ),
    }
    stranger = (
        f"Access to {kind} {repo} is restricted and you are not in the authorized list. Visit {url} to ask for access."
    )
    return Refusal(403, texts.get(status or "", stranger), "GatedRepo")


def in_header(message: str) -> str:
    """A message as `X-Error-Message` carries it: each non-ASCII character a star, runs of blanks one space."""
    return re.sub(r"\s+", " ", re.sub(r"[^\x00-\x7f]", "*", message)).strip()
