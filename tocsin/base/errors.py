"""Errors shared by all packages.

TocsinError
├── SettingsError          the process cannot start like this
├── NotDurableError        a commit was not confirmed by the database
└── (each package has one base below TocsinError; leaves say the case)
"""

from collections.abc import Mapping


class TocsinError(Exception):
    """A refusal or failure with a stable code.

    `code` names the text `error.<code>` in the catalogues; `values` fill its slots. `field` is a JSON pointer
    to what was wrong in the caller's input ("/place"), or None when the input as a whole was.
    `permanent` is False where trying again later can succeed.
    """

    code = "internal"
    permanent = True

    def __init__(self, *, field: str | None = None, **values: object) -> None:
        self.field = field
        self.values: Mapping[str, object] = values
        super().__init__(f"{self.code} {field or ''} {dict(values)}".strip())


class SettingsError(TocsinError):
    """A setting is missing or wrong; values: name, reason."""

    code = "settings"


class NotDurableError(TocsinError):
    """The database did not confirm that a commit is on disk; it may or may not have happened."""

    code = "not_durable"
    permanent = False
