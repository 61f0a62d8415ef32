from django.apps import AppConfig


class ReposConfig(AppConfig):
    name = "repos"

    def ready(self) -> None:
        from django.urls import reverse

        from hubgate.audit import timeline
        from hubgate.http import web
        from hubgate.http.rest import problems
        from hubgate.notify import catalogue
        from hubgate.notify.places import register_places
        from hubgate.outbox import registry
        from repos import actions, events, handlers, notices, people_notices, places
        from repos.people_problems import PROBLEMS

        timeline.register(events.SENTENCES)
        for topic in notices.TOPICS:
            catalogue.register_topic(topic)
        timeline.register_kind("people", "People", events.PEOPLE)
        problems.register(PROBLEMS)
        timeline.register_kind("repository", "Repository and card", events.OF_REPOSITORIES)
        for kind, message in {**notices.CATALOGUE, **people_notices.CATALOGUE}.items():
            catalogue.register(kind, message)
        register_places(find=places.find, named=places.named, deciding=places.deciding)
        registry.register(actions.CHECK_TOKEN, handlers.check_tokens, batch=4, label="Checks of tokens")
        registry.register(actions.READ_HINTED, handlers.read_hinted, batch=4, label="Readings after a webhook")
        web.register_nav(
            20,
            lambda request: web.NavItem(
                "Repositories",
                reverse("repos:repositories"),
                "repository",
                current=request.path.startswith(("/repositories/", "/namespaces/")),
            ),
        )
