"""PostgreSQL, Redis and Celery processes of their own. Refuses to start unsafe or half configured."""

import logging
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from hubgate import logs
from hubgate.settings import safety
from hubgate.settings.base import *  # noqa: F403
from hubgate.settings.base import ENV

_refusals = safety.refusals(ENV)
if _refusals:
    _lines = "\n".join(f"- {refusal}" for refusal in _refusals)
    raise ImproperlyConfigured(f"hubgate does not start in production like this:\n{_lines}")

PRODUCTION = True
EMBEDDED_WORKER = False
CELERY_WORKER_CONCURRENCY = ENV.worker_processes
DEBUG = False
ALLOWED_HOSTS = safety.hosts_of(ENV)
logging.captureWarnings(True)  # so that those of Python are lines of the log as any other
LOGGING = logs.config(ENV.log_format or "json")

_SECURE = urlsplit(ENV.public_url).scheme == "https"
SESSION_COOKIE_SECURE = _SECURE
CSRF_COOKIE_SECURE = _SECURE
SECURE_SSL_REDIRECT = _SECURE
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]  # asked from the same machine or network
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_HSTS_PRELOAD = False
# Other names below the same domain are not ours to decide over.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CSRF_TRUSTED_ORIGINS = [ENV.public_url]
if ENV.behind_proxy:
    # Only where it is said: elsewhere anybody could send this header.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
