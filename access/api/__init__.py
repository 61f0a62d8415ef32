"""The REST door of access requests."""
