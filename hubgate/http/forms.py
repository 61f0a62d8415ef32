"""How forms look: label above, hint under it, control, error beneath; by Django's own renderer, so everywhere alike."""

from __future__ import annotations

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString


class Renderer(TemplatesSetting):
    """Renders `{{ form }}` and `{{ field.as_field_group }}` with our templates (setting `FORM_RENDERER`)."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


def control_class(widget: forms.Widget) -> str:
    """The style class of a widget's control; empty where none fits (hidden inputs)."""
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
        return "checkbox checkbox-sm"
    if isinstance(widget, forms.RadioSelect):
        return "radio radio-sm"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    if isinstance(widget, forms.Select):
        return "select"
    if isinstance(widget, forms.FileInput):
        return "file-input"
    if isinstance(widget, forms.widgets.Input) and not isinstance(widget, forms.HiddenInput):
        return "input"
    return ""


def control(field: BoundField) -> SafeString:
    """The field's widget with its style class; Django itself adds `aria-describedby` and `aria-invalid`."""
    own = field.field.widget.attrs.get("class", "")
    classes = f"{control_class(field.field.widget)} {own}".strip()
    return field.as_widget(attrs={"class": classes} if classes else None)


def is_tick(field: BoundField) -> bool:
    """Whether the field is one box to tick, whose label stands beside it."""
    return isinstance(field.field.widget, forms.CheckboxInput)
