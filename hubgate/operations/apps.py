from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "hubgate.operations"
    label = "operations"

    def ready(self) -> None:
        from hubgate.audit import timeline
        from hubgate.http import web
        from hubgate.http.rest import problems
        from hubgate.operations import events, processes  # noqa: F401 - the latter listens to Celery
        from hubgate.operations.api.problems import PROBLEMS
        from hubgate.operations.views import pages

        problems.register(PROBLEMS)
        timeline.register(events.SENTENCES)
        web.register_nav(90, pages.nav)
