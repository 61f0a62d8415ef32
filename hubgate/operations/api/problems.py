"""The codes with which operations refuse: HTTP status and title."""

PROBLEMS = {"nothing_to_retry": (409, "Nothing is left to be tried again")}
