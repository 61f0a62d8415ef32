"""Measures hubgate against floors: what the same work costs at least on this machine. See docs/performance.md."""
