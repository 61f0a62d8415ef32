"""PostgreSQL, Redis and Celery processes of their own. Refuses to start half configured."""

from django.core.exceptions import ImproperlyConfigured

from hubgate.settings.base import *  # noqa: F403
from hubgate.settings.base import ENV

EMBEDDED_WORKER = False

_missing = [
    name
    for name, value in (
        ("HUBGATE_SECRET_KEY", ENV.secret_key),
        ("HUBGATE_ENCRYPTION_KEY", ENV.encryption_key),
        ("DATABASE_URL", ENV.database_url),
        ("REDIS_URL", ENV.redis_url),
    )
    if not value
]
if _missing:
    raise ImproperlyConfigured(f"The production settings need these environment variables: {', '.join(_missing)}.")
