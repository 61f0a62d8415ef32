from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0004_mirror_at_scale'),
        ('accounts', '0001_initial'),
        ('repos', '0002_first_question'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='accessrequest',
            index=models.Index(condition=models.Q(('email_kind', 'institutional')), fields=['email_domain', '-asked_at', '-id'], name='request_institution'),
        ),
    ]
