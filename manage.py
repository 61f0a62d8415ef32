#!/usr/bin/env python
"""Django's command line, on the embedded settings unless DJANGO_SETTINGS_MODULE says otherwise."""

import json
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubgate.settings.embedded")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018 - read the settings, before Django hides what is wrong with them
    except ImproperlyConfigured as error:
        if "--json" in sys.argv and "doctor" in sys.argv[1:2]:
            finding = {"check": "settings", "level": "error", "found": str(error), "do": "See docs/operations.md."}
            sys.stdout.write(json.dumps({"status": 2, "findings": [finding]}, indent=2) + "\n")
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
