from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "hubgate.outbox"
    label = "outbox"

    def ready(self) -> None:
        from hubgate.outbox import queue, tasks

        queue.on_enqueued(tasks.nudge)
