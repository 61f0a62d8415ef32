"""hubgate: the gate of gated repositories on the Hugging Face Hub."""

__version__ = "0.1.0"
