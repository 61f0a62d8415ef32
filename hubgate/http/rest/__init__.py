"""Manners of the REST door: problems, pages, throttles, bodies, and its description."""
