"""What every operation of the REST door has: who calls, what their token may do, one answer for a repeated call."""

from hubgate.accounts.rest.operation import Operation

__all__ = ["Operation"]
