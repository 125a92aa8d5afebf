"""The project's settings: ``outreach.toml`` and, for secrets, the environment.

A channel's setting of type ``SecretStr`` is never read from the file: it comes from the environment variable
``OUTREACH_<ACCOUNT>_<SETTING>``, or from the file ``.env`` beside ``outreach.toml`` (``NAME=value`` lines), which git
ignores. The same goes for a store's address that holds a password. Everything that is wrong is reported at once, with
the line where it stands.
"""

from __future__ import annotations

from pipeline.settings.reading import FILE, ProblemsFound, load, variable
from pipeline.settings.tables import (
    Account,
    AccountTable,
    Analytics,
    Notices,
    Partner,
    Person,
    PrivacySettings,
    Programme,
    Settings,
    SiteSettings,
    StoreSettings,
    Tracking,
)

__all__ = [
    "FILE",
    "Account",
    "AccountTable",
    "Analytics",
    "Notices",
    "Partner",
    "Person",
    "PrivacySettings",
    "ProblemsFound",
    "Programme",
    "Settings",
    "SiteSettings",
    "StoreSettings",
    "Tracking",
    "load",
    "variable",
]
