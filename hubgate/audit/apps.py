from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "hubgate.audit"
    label = "audit"
