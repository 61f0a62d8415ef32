"""What an author chooses about the answers to a gate form."""

from __future__ import annotations

from django.db import transaction

from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError
from repos import events, rights
from repos.models import Repository
from repos.subjects import of_repository


def choose_first_question(*, actor: Actor, repository: Repository, label: str) -> None:
    """Have lists show the answer to one question of the form in force; an empty `label` leaves the choice to hubgate
    again. Only the label is kept, so that the choice outlives a new version of the form that still asks it.
    InvalidInputError for a question that the form does not ask."""
    with transaction.atomic(durable=True):
        repository = (
            Repository.objects.select_for_update(of=("self",)).select_related("namespace", "form").get(pk=repository.pk)
        )
        rights.require(actor, "decide", repository.namespace)
        asked = [field["label"] for field in repository.form.fields] if repository.form else []
        if label and label not in asked:
            raise InvalidInputError("The form does not ask that any more. Load the page anew and choose again.")
        if repository.first_question == label:
            return
        repository.first_question = label
        repository.save(update_fields=["first_question"])
        event = events.FIRST_QUESTION_CHOSEN if label else events.FIRST_QUESTION_LEFT
        log.record(actor, event, of_repository(repository), data={"question": label[:200]} if label else {})
