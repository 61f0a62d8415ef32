"""The web door of the operator."""
