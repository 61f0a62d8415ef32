from django.apps import AppConfig


class HubgateConfig(AppConfig):
    name = "hubgate"
