from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "hubgate.outbox"
    label = "outbox"
