"""Reason templates, as a namespace has them and as they read for one request."""

from __future__ import annotations

from dataclasses import dataclass

from access import placeholders, rules
from access.models import AccessRequest, ReasonTemplate
from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError
from repos import rights as repo_rights
from repos.models import Namespace


@dataclass(frozen=True)
class Filled:
    """A reason template with this person's values put in."""

    id: int
    name: str
    text: str


def reason_templates(actor: Actor, namespace: str) -> tuple[Namespace, list[ReasonTemplate]]:
    """A namespace that the actor decides for and its templates, by name. NotFoundOrHiddenError for any other."""
    found = Namespace.objects.filter(name=namespace).first()
    if found is None or not repo_rights.may(actor, "decide", found):
        raise NotFoundOrHiddenError("There is no such namespace, or it is not yours.")
    return found, list(found.reason_templates.order_by("name"))


def count_reason_templates(namespace: Namespace) -> int:
    """How many templates a namespace has."""
    return ReasonTemplate.objects.filter(namespace=namespace).count()


def reasons_for(request: AccessRequest, verb: str) -> list[Filled]:
    """The templates for a decision on a request, by name, filled in. Needs what `get_request` loads."""
    values = placeholder_values(request)
    found = ReasonTemplate.objects.filter(namespace=request.repository.namespace_id, verb__in=["", verb])
    return [
        Filled(template.pk, template.name, placeholders.fill(template.text, values))
        for template in found.order_by("name")
    ]


def placeholder_values(request: AccessRequest) -> dict[str, str]:
    """What each place holder stands for with this request."""
    person = request.person
    return placeholders.values(
        name=person.fullname if person else "",
        username=person.username if person else "",
        repository=request.repository.name,
        unanswered=unanswered(request),
    )


def unanswered(request: AccessRequest) -> list[str]:
    """The questions of the form as it is now to which the person gave no answer."""
    form = request.repository.form or request.form
    return rules.unanswered(form.fields if form else [], request.answers)


def ask_to_complete(request: AccessRequest) -> str:
    """The reason for sending a request back that was made before there were questions; it names them (field report
    18)."""
    return placeholders.fill(rules.ASK_TO_COMPLETE, placeholder_values(request))
