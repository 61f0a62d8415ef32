from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

INDEXES = {
    "request_search": "(search_text gin_trgm_ops)",
    "request_organisation": "(organisations gin_trgm_ops) WHERE organisations <> ''",
}
NAMES = {
    "hubidentity_username_start": "(LOWER(username) text_pattern_ops)",
    "hubidentity_fullname_start": "(LOWER(fullname) text_pattern_ops)",
}


def make(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return  # SQLite reads through the texts
    for name, what in INDEXES.items():
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON access_accessrequest USING gin {what}")
    for name, what in NAMES.items():
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON accounts_hubidentity {what}")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in (*INDEXES, *NAMES):
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


class Migration(migrations.Migration):
    """What free text is found by on PostgreSQL: nobody waits for a lock while it is made."""

    atomic = False

    dependencies = [("access", "0006_list_indexes")]

    operations = [TrigramExtension(), migrations.RunPython(make, drop)]
