from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from django.conf import settings

        from access import actions, events, handlers, notices, panels, queries, release_notices, states, told
        from access.api.problems import PROBLEMS
        from access.views import frame
        from hubgate.audit import timeline
        from hubgate.http.rest import problems
        from hubgate.notify import catalogue
        from hubgate.notify.places import register_requests
        from hubgate.outbox import registry
        from repos import endings, hints
        from repos import panels as repository_panels
        from repos import rules as repo_rules

        timeline.register(events.SENTENCES)
        problems.register(PROBLEMS)
        for topic in (*notices.TOPICS, *release_notices.TOPICS):
            catalogue.register_topic(topic)
        for key, (label, names) in events.KINDS.items():
            timeline.register_kind(key, label, names)
        for kind, message in (notices.CATALOGUE | release_notices.CATALOGUE).items():
            catalogue.register(kind, message)
        register_requests(standing=queries.standing, undelivered=notices.undelivered)
        registry.register(
            states.PUSH,
            handlers.push_decisions,
            batch=100,
            lease_s=settings.OUTBOX_LEASE_SECONDS,
            label="Decisions to the Hub",
        )
        registry.register(
            states.GATE,
            handlers.carry_gates,
            batch=1,
            lease_s=settings.OUTBOX_LEASE_SECONDS,
            label="Gates of release plans",
        )
        private = "Notices that a repository turned private"
        registry.register(repo_rules.TURNED_PRIVATE, handlers.tell_turned_private, batch=20, label=private)
        registry.register(states.BULK, handlers.carry_out_bulks, batch=1, label="Bulk decisions")
        hints.register(actions.make_due)
        endings.register(actions.free_assigned)
        frame.register()
        repository_panels.register(
            facts=panels.facts, queue=panels.queue, mirror=panels.mirror, progress=panels.progress
        )
        repository_panels.register_release(panels.release_address)
        repository_panels.register_namespace(panels.reasons)
        repository_panels.register_told(told.panel)
        repository_panels.register_numbers(statistics=panels.statistics, downloads=panels.downloads)
