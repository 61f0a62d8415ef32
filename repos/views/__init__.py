"""The web pages of namespaces and repositories."""
