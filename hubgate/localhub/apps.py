from django.apps import AppConfig


class LocalHubConfig(AppConfig):
    name = "hubgate.localhub"
    label = "localhub"
    default_auto_field = "django.db.models.BigAutoField"
