from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "hubgate.notify"
    label = "notify"
