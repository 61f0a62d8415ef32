from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import events, handlers, notices, panels, states
        from access.api.problems import PROBLEMS
        from access.views import frame
        from hubgate.audit import timeline
        from hubgate.http.rest import problems
        from hubgate.notify import catalogue
        from hubgate.outbox import registry
        from repos import panels as repository_panels
        from repos import rules as repo_rules

        timeline.register(events.SENTENCES)
        problems.register(PROBLEMS)
        for key, (label, names) in events.KINDS.items():
            timeline.register_kind(key, label, names)
        for kind, message in notices.CATALOGUE.items():
            catalogue.register(kind, message)
        registry.register(states.PUSH, handlers.push_decisions, batch=100)
        registry.register(repo_rules.TURNED_PRIVATE, handlers.tell_turned_private, batch=20)
        registry.register(states.BULK, handlers.carry_out_bulks, batch=1)
        frame.register()
        repository_panels.register(
            facts=panels.facts, queue=panels.queue, mirror=panels.mirror, progress=panels.progress
        )
        repository_panels.register_namespace(panels.reasons)
        repository_panels.register_numbers(statistics=panels.statistics, downloads=panels.downloads)
