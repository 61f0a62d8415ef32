from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_search_by_trigrams"),
    ]

    operations = [
        migrations.AddField(
            model_name="accessrequest",
            name="told_status",
            field=models.CharField(blank=True, db_default="", max_length=32),
        ),
    ]
