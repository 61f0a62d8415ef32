"""The REST door of content tags."""
