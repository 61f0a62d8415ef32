from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('repos', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='repository',
            name='first_question',
            field=models.TextField(blank=True, db_default=''),
        ),
    ]
