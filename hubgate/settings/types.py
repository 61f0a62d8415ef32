"""Settings for the type checker alone: its Django plugin must see the local Hub's models beside hubgate's own."""

from hubgate.settings.test import *  # noqa: F403
from hubgate.settings.test import INSTALLED_APPS as OWN_APPS

INSTALLED_APPS = [*OWN_APPS, "hubgate.localhub"]
