from django.apps import AppConfig


class ReposConfig(AppConfig):
    name = "repos"

    def ready(self) -> None:
        from hubgate.audit import timeline
        from hubgate.notify import catalogue
        from hubgate.outbox import registry
        from repos import actions, events, handlers, notices

        timeline.register(events.SENTENCES)
        for kind, message in notices.CATALOGUE.items():
            catalogue.register(kind, message)
        registry.register(actions.CHECK_TOKEN, handlers.check_tokens, batch=4)
