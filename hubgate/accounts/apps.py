from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hubgate.accounts"
    label = "accounts"

    def ready(self) -> None:
        from hubgate.accounts import events
        from hubgate.audit import timeline

        timeline.register(events.SENTENCES)
