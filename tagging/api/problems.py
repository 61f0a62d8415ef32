"""The codes with which content tags refuse: HTTP status and title."""

PROBLEMS = {
    "already_so": (409, "The tag is so already"),
    "closed_meanwhile": (409, "The proposal was closed meanwhile"),
    "missing": (409, "The Hub no longer lists the repository"),
    "proposed_already": (409, "Your earlier proposal is open"),
}
