from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from django.conf import settings

        from access import events, handlers, notices, panels, states
        from access.views import frame
        from hubgate.audit import timeline
        from hubgate.notify import catalogue
        from hubgate.outbox import registry
        from repos import panels as repository_panels

        timeline.register(events.SENTENCES)
        for kind, message in notices.CATALOGUE.items():
            catalogue.register(kind, message)
        registry.register(states.PUSH, handlers.push_decisions, batch=100, lease_s=settings.OUTBOX_LEASE_SECONDS)
        frame.register()
        repository_panels.register(facts=panels.facts, queue=panels.queue, mirror=panels.mirror)
