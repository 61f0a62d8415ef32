from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0005_decided_in_order'),
        ('accounts', '0001_initial'),
        ('repos', '0002_first_question'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='accessrequest',
            name='request_waiting',
        ),
        migrations.AddIndex(
            model_name='accessrequest',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['-asked_at', '-id'], include=('repository',), name='request_waiting_anywhere'),
        ),
        migrations.AddIndex(
            model_name='accessrequest',
            index=models.Index(fields=['repository', 'status', '-asked_at', '-id'], name='request_of_status'),
        ),
        migrations.AddIndex(
            model_name='accessrequest',
            index=models.Index(condition=models.Q(('country', ''), _negated=True), fields=['country', '-asked_at', '-id'], name='request_country'),
        ),
        migrations.AddIndex(
            model_name='accessrequest',
            index=models.Index(condition=models.Q(('email_domain', ''), _negated=True), fields=['email_domain', '-asked_at', '-id'], name='request_domain'),
        ),
        migrations.AddIndex(
            model_name='accessrequest',
            index=models.Index(condition=models.Q(('email_kind__in', ['disposable', ''])), fields=['email_kind', '-asked_at', '-id'], name='request_odd_mail'),
        ),
    ]
