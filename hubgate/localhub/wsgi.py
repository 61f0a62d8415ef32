"""The WSGI application of the local Hub."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "hubgate.localhub.settings"
application = get_wsgi_application()
