"""The codes with which access requests refuse: HTTP status and title."""

PROBLEMS = {
    "asked_already": (409, "The person has asked already"),
    "changed_since": (409, "The request changed since"),
    "decided_meanwhile": (409, "Somebody decided meanwhile"),
    "no_access": (409, "There is no access"),
    "not_waiting": (409, "The request does not wait any more"),
    "nothing_to_renew": (409, "There is nothing to renew"),
    "too_early_to_renew": (409, "It is too early to renew"),
    "not_gated": (409, "The repository has no gate"),
    "not_this_way": (409, "The drift cannot be settled this way"),
    "hidden_from_auditors": (403, "E-mail addresses and answers are hidden from you"),
    "nothing_to_cancel": (409, "Nothing of it can be stopped any more"),
    "nothing_to_push": (409, "Nothing waits to be told to the Hub"),
    "nothing_to_undo": (409, "There is no decision of yours to undo"),
    "own_request": (403, "The request is your own"),
    "reading_only": (409, "hubgate only reads this namespace"),
    "settled_meanwhile": (409, "Somebody settled it meanwhile"),
    "still_open": (409, "The drift is still to be settled"),
    "undo_too_late": (409, "The time for undoing is over"),
}
