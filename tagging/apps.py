from django.apps import AppConfig


class TaggingConfig(AppConfig):
    name = "tagging"

    def ready(self) -> None:
        from hubgate.audit import timeline
        from hubgate.http.rest import problems
        from hubgate.notify import catalogue
        from hubgate.outbox import registry
        from repos import panels as repository_panels
        from repos.rules import CONTENT_TAG
        from tagging import events, handlers, notices, panels
        from tagging.api.problems import PROBLEMS
        from tagging.views import frame

        timeline.register(events.SENTENCES)
        tags = tuple(name for name in events.SENTENCES if name not in events.EVALUATIONS)
        timeline.register_kind("tags", "Content tag", tags)
        timeline.register_kind("evaluations", "Evaluations", events.EVALUATIONS)
        for kind, message in notices.CATALOGUE.items():
            catalogue.register(kind, message)
        registry.register(CONTENT_TAG, handlers.carry_tags, batch=10)
        problems.register(PROBLEMS)
        frame.register()
        repository_panels.register_content(
            repository_panels.Content(panels.audience, panels.overview, panels.veil, panels.address, panels.evaluations)
        )
