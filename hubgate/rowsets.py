"""Many rows of one table in one statement: `COPY` on PostgreSQL, a prepared statement on SQLite.

For writers that take in thousands of rows at a time and know every value; models' defaults and `save` play no part."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper

_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_names = (f"hubgate_rows_{number}" for number in itertools.count(1))


@dataclass(frozen=True)
class Many:
    """Values for the lookup `one_of`: `filter(name__one_of=Many(names))` asks as `name__in` does, with the values as
    one parameter and no work for each of them."""

    values: list[Any]


@models.Field.register_lookup
class OneOf(models.Lookup):
    lookup_name = "one_of"
    prepare_rhs = False
    rhs: Many

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{left} = ANY(%s)", (*parameters, self.rhs.values)
        values = orjson.dumps(self.rhs.values).decode()
        return f"{left} IN (SELECT value FROM json_each(%s))", (*parameters, values)  # noqa: S608


Encode = Callable[[Sequence[Any]], Iterable[Any]]


def take_ids(model: type[models.Model], number: int) -> range | list[int]:
    """That many primary keys that no row has and none will get. Call inside a transaction; on SQLite one that writes
    (IMMEDIATE), so that nobody takes the same."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number]
            )
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        first = (found[0] if found else 0) + 1
        return range(first, first + number)


def insert(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], *, skip_known: bool = False
) -> None:
    """Add rows with these fields (`names`; a foreign key by its column, `person_id`), values as their models hold
    them. With `skip_known` a row that a unique constraint refuses is left out; without, IntegrityError."""
    if not rows:
        return
    fields = _fields(model, names)
    table, columns = _quoted(model._meta.db_table), ", ".join(_column(field) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            target = _staged(cursor, table, columns) if skip_known else table
            cursor.copy_expert(f"COPY {target} ({columns}) FROM STDIN", _text(fields, rows))
            if skip_known:
                cursor.execute(
                    f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {target}"  # noqa: S608
                    " ON CONFLICT DO NOTHING"
                )
                cursor.execute(f"DROP TABLE {target}")
            return
        verb = "INSERT OR IGNORE" if skip_known else "INSERT"
        places = ", ".join(["%s"] * len(fields))
        statement = f"{verb} INTO {table} ({columns}) VALUES ({places})"
        cursor.executemany(statement, _parameters(fields, rows))


def update(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set these fields of the rows given as (primary key, value of each name, …). Lock them before, in the one order
    that their table has: this statement takes them as they come."""
    if not rows:
        return
    fields = _fields(model, ["id", *names])
    table, columns = _quoted(model._meta.db_table), ", ".join(_column(field) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            stage = _staged(cursor, table, columns)
            cursor.copy_expert(f"COPY {stage} ({columns}) FROM STDIN", _text(fields, rows))
            changes = ", ".join(f"{_column(field)} = stage.{_column(field)}" for field in fields[1:])
            cursor.execute(f"UPDATE {table} SET {changes} FROM {stage} stage WHERE {table}.id = stage.id")  # noqa: S608
            cursor.execute(f"DROP TABLE {stage}")
            return
        changes = ", ".join(f"{_column(field)} = %s" for field in fields[1:])
        statement = f"UPDATE {table} SET {changes} WHERE id = %s"  # noqa: S608
        ordered = [(*row[1:], row[0]) for row in rows]
        cursor.executemany(statement, _parameters([*fields[1:], fields[0]], ordered))


def _staged(cursor: Any, table: str, columns: str) -> str:
    """An empty table of this session with the columns of another and none of its rules."""
    name = next(_names)
    cursor.execute(
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA"  # noqa: S608
    )
    return name


def _fields(model: type[models.Model], names: Sequence[str]) -> list[models.Field[Any, Any]]:
    by_column = {field.column: field for field in model._meta.concrete_fields}
    return [by_column[name] for name in names]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _column(field: models.Field[Any, Any]) -> str:
    return _quoted(str(field.column))


def _text(fields: Sequence[models.Field[Any, Any]], rows: Sequence[Sequence[Any]]) -> io.StringIO:
    """The rows as `COPY` reads them, column by column, since a column has one type."""
    columns = [_copied(field)(column) for field, column in zip(fields, zip(*rows, strict=True), strict=True)]
    return io.StringIO("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n")


def _copied(field: models.Field[Any, Any]) -> Encode:
    if isinstance(field, models.JSONField):
        return _copied_json
    if isinstance(field, models.CharField | models.TextField):
        return _copied_texts
    if isinstance(field, models.DateTimeField):
        return _copied_times
    return _copied_plain


def _copied_texts(column: Sequence[str | None]) -> list[str]:
    if None in column:
        return [r"\N" if value is None else value.translate(_ESCAPES) for value in column]
    if _SPECIAL.search("".join(column)) is None:  # type: ignore[arg-type]
        return column  # type: ignore[return-value]
    return [value.translate(_ESCAPES) for value in column]  # type: ignore[union-attr]


def _copied_json(column: Sequence[Any]) -> list[str]:
    return [r"\N" if value is None else orjson.dumps(value).decode().replace("\\", "\\\\") for value in column]


def _copied_times(column: Sequence[datetime | None]) -> list[str]:
    texts: list[str] = []
    last, text = None, r"\N"
    for value in column:
        if value is not last:  # often one time stands in all rows
            last, text = value, r"\N" if value is None else value.isoformat()
        texts.append(text)
    return texts


def _copied_plain(column: Sequence[Any]) -> list[str]:
    return [r"\N" if value is None else str(value) for value in column]


def _parameters(fields: Sequence[models.Field[Any, Any]], rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    columns = [_bound(field)(column) for field, column in zip(fields, zip(*rows, strict=True), strict=True)]
    return list(zip(*columns, strict=True))


def _bound(field: models.Field[Any, Any]) -> Encode:
    if isinstance(field, models.JSONField):
        return lambda column: [None if value is None else orjson.dumps(value).decode() for value in column]
    if isinstance(field, models.DateTimeField):
        adapt = connection.ops.adapt_datetimefield_value
        return lambda column: [None if value is None else adapt(value) for value in column]
    return lambda column: column
