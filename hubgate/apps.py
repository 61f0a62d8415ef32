from django.apps import AppConfig


class HubgateConfig(AppConfig):
    name = "hubgate"

    def ready(self) -> None:
        # Here and not in hubgate/__init__.py: the pure modules below the package must not load Celery.
        from hubgate import celery, checks, tracing  # noqa: F401
