"""The REST door of the operator."""
