"""Starts hubgate for a newcomer: data folder and keys, the local Hub, the web process. Standard library only."""
