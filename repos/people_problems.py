"""The codes with which naming people refuses: HTTP status and title."""

PROBLEMS = {
    "has_role": (409, "They have that role already"),
    "last_author": (409, "It is the last author"),
    "role_ended": (409, "The role was taken away already"),
    "second_factor_due": (403, "A second factor is needed"),
}
