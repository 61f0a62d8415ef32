"""The codes with which naming people refuses: HTTP status and title."""

PROBLEMS = {
    "has_role": (409, "They have that role already"),
    "hub_account_due": (403, "An account on the Hub is needed"),
    "invitation_over": (409, "The invitation cannot be used any more"),
    "invited_already": (409, "The address is invited already"),
    "last_author": (409, "It is the last author"),
    "role_ended": (409, "The role was taken away already"),
    "second_factor_due": (403, "A second factor is needed"),
    "second_factor_first": (409, "Set up a second factor of your own first"),
    "too_many_invitations": (409, "There are too many open invitations"),
}
