"""The REST door of repositories and of what happened in them."""
