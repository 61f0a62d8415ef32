from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import events, handlers, notices, states
        from hubgate.audit import timeline
        from hubgate.notify import catalogue
        from hubgate.outbox import registry

        timeline.register(events.SENTENCES)
        for kind, message in notices.CATALOGUE.items():
            catalogue.register(kind, message)
        registry.register(states.PUSH, handlers.push_decisions, batch=100)
