"""Many rows in one statement, the same on both databases: they travel as one JSON parameter, so that ten thousand rows
cost one round trip and no limit of parameters is met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from django.db import connection, models
from django.utils import timezone


def insert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    conflict: str = "",
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert rows with the values of the columns `names` in that order; other columns take their defaults. `conflict`
    is what SQL says after the values, such as "ON CONFLICT DO NOTHING". Gives the columns `returning` of the rows that
    were inserted. A JSON column takes what `json.dumps` does, None for no value."""
    given = [_field(model, name) for name in names]
    rest = [
        field
        for field in model._meta.concrete_fields
        if field not in given and not field.primary_key and field.db_default is models.NOT_PROVIDED
    ]
    text = _encoded(given, rows)
    if text == "[]":
        return []
    columns = ", ".join(_quoted(field.column) for field in [*given, *rest])
    values = ", ".join([_value(field, place) for place, field in enumerate(given)] + ["%s"] * len(rest))
    end = f" RETURNING {', '.join(_quoted(_field(model, name).column) for name in returning)}" if returning else ""
    sql = (
        f"INSERT INTO {_table(model)} ({columns}) SELECT {values} FROM {_elements()}"  # noqa: S608
        # SQLite needs the condition to tell ON CONFLICT from a join's ON.
        f" WHERE true {conflict}{end}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(_constant(field) for field in rest), text])
        return cursor.fetchall() if returning else []


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Update rows by primary key: each row is the key, then the values of the columns `names`."""
    fields = [model._meta.pk, *(_field(model, name) for name in names)]
    text = _encoded(fields, rows)
    if text == "[]":
        return
    changes = ", ".join(
        f"{_quoted(field.column)} = {_value(field, place)}" for place, field in enumerate(fields) if place
    )
    key = _value(fields[0], 0)
    sql = f"UPDATE {_table(model)} SET {changes} FROM {_elements()} WHERE {_table(model)}.id = {key}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [text])


def delete(model: type[models.Model], keys: Iterable[int]) -> None:
    """Delete rows by primary key. What refers to them has to be gone already: nothing cascades."""
    text = orjson.dumps(list(keys)).decode()
    if text == "[]":
        return
    read = "value" if connection.vendor == "sqlite" else "value::bigint"
    source = "json_each(%s)" if connection.vendor == "sqlite" else "jsonb_array_elements_text(%s::jsonb)"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_table(model)} WHERE id IN (SELECT {read} FROM {source})", [text])  # noqa: S608


def _encoded(fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    changed = [(place, change) for place, field in enumerate(fields) if (change := _plain(field)) is not None]
    if not changed:
        return orjson.dumps(list(rows)).decode()
    plain = [list(row) for row in rows]
    for row in plain:
        for place, change in changed:
            row[place] = change(row[place])
    return orjson.dumps(plain).decode()


def _plain(field: Any) -> Callable[[Any], Any] | None:
    """How a value of this column is put into JSON as the database writes it; None where it goes as it is."""
    if connection.vendor == "sqlite":
        if isinstance(field, models.DateTimeField):
            return connection.ops.adapt_datetimefield_value
        if isinstance(field, models.UUIDField):
            return lambda value: value and value.hex
    return None


def _value(field: Any, place: int) -> str:
    """The expression that reads this column out of an element. Text is not cast: a text that is too long is an error,
    not cut off."""
    if connection.vendor == "sqlite":
        read = f"json_extract(given.value, '$[{place}]')"
        return f"NULLIF(json_quote({read}), 'null')" if isinstance(field, models.JSONField) else read
    if isinstance(field, models.JSONField):
        return f"NULLIF(given.value->{place}, 'null'::jsonb)"
    if isinstance(field, models.CharField | models.TextField):
        return f"given.value->>{place}"
    return (
        f"(given.value->>{place})::{field.rel_db_type(connection) if field.primary_key else field.db_type(connection)}"
    )


def _elements() -> str:
    return "json_each(%s) AS given" if connection.vendor == "sqlite" else "jsonb_array_elements(%s::jsonb) AS given"


def _constant(field: Any) -> Any:
    now = getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
    return field.get_db_prep_save(timezone.now() if now else field.get_default(), connection)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
