import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_list_read_as_a_whole'),
        ('accounts', '0001_initial'),
        ('repos', '0002_first_question'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('group', models.UUIDField(unique=True)),
                ('user_label', models.CharField(max_length=200)),
                ('verb', models.CharField(max_length=12)),
                ('reason', models.TextField(blank=True)),
                ('query', models.CharField(blank=True, max_length=2000)),
                ('state', models.CharField(choices=[('preview', 'Preview'), ('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='preview', max_length=12)),
                ('total', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='BulkRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_status', models.CharField(max_length=12)),
                ('outcome', models.CharField(choices=[('waiting', 'Waiting'), ('decided', 'Decided'), ('refused', 'Refused'), ('cancelled', 'Cancelled')], default='waiting', max_length=12)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('sentence', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='Drift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ours', models.JSONField(default=dict)),
                ('theirs', models.CharField(max_length=32)),
                ('theirs_at', models.DateTimeField(null=True)),
                ('theirs_by', models.CharField(blank=True, max_length=200)),
                ('stands', models.CharField(choices=[('theirs', 'Theirs'), ('ours', 'Ours')], max_length=8)),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_as', models.CharField(blank=True, choices=[('theirs', 'Theirs'), ('ours', 'Ours')], max_length=8)),
                ('settled_by_label', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('author_label', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='ReasonTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('verb', models.CharField(blank=True, max_length=12)),
                ('text', models.TextField()),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('query', models.CharField(blank=True, max_length=2000)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Viewing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('deciding', models.BooleanField(default=False)),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name='accessrequest',
            name='assigned_to',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='accessrequest',
            name='before',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='accessrequest',
            name='country',
            field=models.CharField(blank=True, db_default='', max_length=2),
        ),
        migrations.AddField(
            model_name='accessrequest',
            name='organisations',
            field=models.TextField(blank=True, db_default=''),
        ),
        migrations.AddIndex(
            model_name='accessrequest',
            index=models.Index(condition=models.Q(('assigned_to__isnull', False)), fields=['assigned_to', '-asked_at', '-id'], name='request_assigned'),
        ),
        migrations.AddField(
            model_name='bulkdecision',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='bulkrow',
            name='bulk',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='access.bulkdecision'),
        ),
        migrations.AddField(
            model_name='bulkrow',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='access.accessrequest'),
        ),
        migrations.AddField(
            model_name='drift',
            name='repository',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='repos.repository'),
        ),
        migrations.AddField(
            model_name='drift',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drifts', to='access.accessrequest'),
        ),
        migrations.AddField(
            model_name='drift',
            name='settled_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='note',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='note',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='access.accessrequest'),
        ),
        migrations.AddField(
            model_name='reasontemplate',
            name='namespace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reason_templates', to='repos.namespace'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='viewing',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='viewings', to='access.accessrequest'),
        ),
        migrations.AddField(
            model_name='viewing',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='bulkdecision',
            index=models.Index(fields=['user', '-created_at'], name='bulk_of_user'),
        ),
        migrations.AddIndex(
            model_name='bulkrow',
            index=models.Index(fields=['bulk', 'outcome', 'id'], name='bulk_row_outcome'),
        ),
        migrations.AddConstraint(
            model_name='bulkrow',
            constraint=models.UniqueConstraint(fields=('bulk', 'request'), name='bulk_row_once'),
        ),
        migrations.AddIndex(
            model_name='drift',
            index=models.Index(condition=models.Q(('settled_at', None)), fields=['repository', '-found_at'], name='drift_open'),
        ),
        migrations.AddIndex(
            model_name='drift',
            index=models.Index(fields=['request', '-found_at'], name='drift_of_request'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['request', 'created_at'], name='note_of_request'),
        ),
        migrations.AddConstraint(
            model_name='reasontemplate',
            constraint=models.UniqueConstraint(fields=('namespace', 'name'), name='reason_template_once'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('user', 'name'), name='saved_view_once'),
        ),
        migrations.AddConstraint(
            model_name='viewing',
            constraint=models.UniqueConstraint(fields=('request', 'user'), name='viewing_once'),
        ),
    ]
