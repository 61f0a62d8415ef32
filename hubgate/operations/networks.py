"""From where the numbers may be read without a token."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def named() -> list[IPv4Network | IPv6Network]:
    """The networks that the operator named. ImproperlyConfigured where one is none."""
    try:
        return [ip_network(text.strip()) for text in settings.METRICS_NETWORKS]
    except ValueError as error:
        raise ImproperlyConfigured(f"HUBGATE_METRICS_NETWORKS: {error}. Write networks such as 10.0.0.0/8.") from None
