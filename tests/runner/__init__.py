"""Runs every test on every set-up: `./run test`."""
