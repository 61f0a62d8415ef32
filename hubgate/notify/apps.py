from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "hubgate.notify"
    label = "notify"

    def ready(self) -> None:
        from hubgate.notify import actions, handlers
        from hubgate.outbox import registry

        registry.register(actions.DELIVER_MAIL, handlers.deliver_mail, batch=20, lease_s=300)
