"""Reasons that a namespace gives often."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from access import events, placeholders, states
from access.actions.decide import REASON_LIMIT
from access.models import ReasonTemplate
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.hub.reasons import storable
from repos import rights as repo_rights
from repos.models import Namespace
from repos.subjects import of_namespace

MOST_TEMPLATES = 50
VERBS = ("", states.REJECT, states.RESET_VERB)


def save_template(
    *, actor: Actor, namespace: str, name: str, text: str, verb: str = "", template_id: int | None = None
) -> ReasonTemplate:
    """Add a reason template to a namespace, or change one (`template_id`). `verb` is the decision that it is for, empty
    for all that take a reason. NotFoundOrHiddenError where the actor does not decide there, InvalidInputError for an
    empty or taken name, a text that is empty or too long, or a place holder that is not known; WrongStateError beyond
    `MOST_TEMPLATES`."""
    name, text = " ".join(storable(name).split()), _clean(text)
    _require_name(name)
    if verb not in VERBS:
        raise InvalidInputError("Choose what it is for.", fields={"verb": "Choose what it is for."})
    placeholders.check(text)
    with transaction.atomic(durable=True):
        of = _decided_by(actor, namespace)
        others = ReasonTemplate.objects.filter(namespace=of)
        if template_id is None:
            if others.count() >= MOST_TEMPLATES:
                raise WrongStateError(f"{of.name} has {MOST_TEMPLATES} reason templates. Remove one first.")
            template = ReasonTemplate(namespace=of)
        else:
            template = _locked(of, template_id)
        if others.filter(name=name).exclude(pk=template.pk).exists():
            message = f"{of.name} has a template of that name already. Choose another name."
            raise InvalidInputError(message, fields={"name": message})
        template.name, template.text, template.verb = name, text, verb
        template.changed_at = timezone.now()
        template.save()
        log.record(actor, events.TEMPLATE_SAVED, of_namespace(of), data={"template": name, "text": text})
    return template


def remove_template(*, actor: Actor, namespace: str, template_id: int) -> None:
    """Remove a reason template. Reasons that were given with it stay what they are."""
    with transaction.atomic(durable=True):
        of = _decided_by(actor, namespace)
        template = _locked(of, template_id)
        log.record(actor, events.TEMPLATE_REMOVED, of_namespace(of), data={"template": template.name})
        template.delete()


def _decided_by(actor: Actor, namespace: str) -> Namespace:
    """The namespace, locked: two templates of one name at once would be one too many."""
    found = Namespace.objects.select_for_update(no_key=True).filter(name=namespace).first()
    if found is None or not repo_rights.may(actor, "decide", found):
        raise NotFoundOrHiddenError("There is no such namespace, or it is not yours.")
    return found


def _locked(namespace: Namespace, template_id: int) -> ReasonTemplate:
    found = ReasonTemplate.objects.select_for_update(of=("self",)).filter(namespace=namespace, pk=template_id).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such reason template. Somebody may have removed it.")
    return found


def _require_name(name: str) -> None:
    if not name or len(name) > 80:
        message = "Give it a name." if not name else "Choose a name of at most 80 characters."
        raise InvalidInputError(message, fields={"name": message})


def _clean(text: str) -> str:
    text = storable(text.replace("\r\n", "\n").replace("\x00", "")).strip()
    if not text:
        raise InvalidInputError("Write the reason.", fields={"text": "Write the reason."})
    if len(text) > REASON_LIMIT:
        message = f"Shorten the text: it has {len(text):,} characters, and {REASON_LIMIT:,} are kept."
        raise InvalidInputError(message, fields={"text": message})
    return text
