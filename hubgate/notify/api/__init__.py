"""The REST door of notifications."""
