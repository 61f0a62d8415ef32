from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_scope")]
    operations = [
        migrations.AddField(
            model_name="outboxitem",
            name="lane",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.RemoveIndex(model_name="outboxitem", name="outbox_due"),
        migrations.AddIndex(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("done__lt", models.F("wanted")), ("parked_at", None)),
                fields=["kind", "lane", "due_at", "id"],
                name="outbox_due",
            ),
        ),
    ]
