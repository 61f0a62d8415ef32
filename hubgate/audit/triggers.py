"""Database triggers that refuse to change or delete an audit event, on both databases."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_SQLITE = {
    "audit_no_update": "BEFORE UPDATE ON audit_auditevent",
    "audit_no_delete": "BEFORE DELETE ON audit_auditevent",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers, unless they stand already."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, when in _SQLITE.items():
                cursor.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {name} {when} "
                    "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
                )
            return
        cursor.execute(
            "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$"
        )
        cursor.execute("DROP TRIGGER IF EXISTS audit_append_only ON audit_auditevent")
        cursor.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditevent "
            "FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
        )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: only for undoing the migration and for emptying a test database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in _SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS audit_append_only ON audit_auditevent")
