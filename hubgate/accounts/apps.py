from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hubgate.accounts"
    label = "accounts"
