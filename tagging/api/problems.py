"""The codes with which content tags refuse: HTTP status and title."""

PROBLEMS = {
    "already_attached": (409, "The same is attached already"),
    "already_so": (409, "The tag is so already"),
    "closed_meanwhile": (409, "The proposal was closed meanwhile"),
    "missing": (409, "The Hub no longer lists the repository"),
    "no_results": (409, "The card has no results"),
    "proposed_already": (409, "Your earlier proposal is open"),
}
