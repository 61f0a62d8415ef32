"""The page of a namespace's reason templates."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access import actions, placeholders, queries
from access.forms import ALL, TemplateForm
from access.models import ReasonTemplate
from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.http import flash
from repos.models import Namespace


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reason_templates(request: HttpRequest, name: str) -> HttpResponse:
    """The templates of a namespace, and a form that adds one."""
    namespace, templates = queries.reason_templates(actor_of(request.user), name)
    return _edit(request, namespace, templates, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reason_template(request: HttpRequest, name: str, template_id: int) -> HttpResponse:
    """Change one."""
    namespace, templates = queries.reason_templates(actor_of(request.user), name)
    template = next((template for template in templates if template.pk == template_id), None)
    if template is None:
        raise NotFoundOrHiddenError("There is no such reason template. Somebody may have removed it.")
    return _edit(request, namespace, templates, template)


@login_required
@require_POST
def remove_reason_template(request: HttpRequest, name: str, template_id: int) -> HttpResponse:
    """Remove one."""
    actions.remove_template(actor=actor_of(request.user), namespace=name, template_id=template_id)
    flash.success(request, "Removed. Reasons that were given with it stay as they are.")
    return HttpResponseRedirect(reverse("access:reason_templates", args=[name]))


def _edit(
    request: HttpRequest, namespace: Namespace, templates: list[ReasonTemplate], template: ReasonTemplate | None
) -> HttpResponse:
    kept = {"name": template.name, "verb": template.verb or ALL, "text": template.text} if template else None
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_template(
                actor=actor_of(request.user),
                namespace=namespace.name,
                template_id=template.pk if template else None,
                **form.cleaned_data,
            )
        except InvalidInputError as error:
            for field, message in error.fields.items():
                form.add_error(field, message)
        except WrongStateError as error:
            form.add_error(None, error.message)
        else:
            flash.success(request, f"Saved “{saved.name}”.")
            return HttpResponseRedirect(reverse("access:reason_templates", args=[namespace.name]))
    context = {
        "namespace": namespace,
        "templates": templates,
        "template": template,
        "form": form,
        "known": placeholders.KNOWN.items(),
    }
    return render(request, "access/reason_templates.html", context, status=422 if form.errors else 200)
