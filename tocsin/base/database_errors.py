"""Why PostgreSQL could not be used, told so that an operator knows what to do.

TocsinError
├── DatabaseAwayError        nothing answers, or not yet: try again
└── DatabaseUnfitError       it answers, and trying again will not help
    ├── DatabaseLogInError       user or password refused
    ├── DatabaseUnknownError     the server has no database of this name
    ├── DatabaseTooOldError      an older PostgreSQL than the schema needs
    ├── NotMigratedError         the schema is not this version's
    ├── RoleNotGrantedError      the user may not become the service's role
    ├── RightsMissingError       the service's role lacks what the migrations granted it
    └── OwnerNeededError         the user may not change the schema
"""

from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg

from tocsin.base.errors import SettingsError, TocsinError

LEAST_POSTGRES = 16


class DatabaseAwayError(TocsinError):
    """values: address, reason."""

    code = "database_away"
    permanent = False


class DatabaseUnfitError(TocsinError):
    """Base of what waiting does not mend."""


class DatabaseLogInError(DatabaseUnfitError):
    """values: user, address, reason."""

    code = "database_log_in"


class DatabaseUnknownError(DatabaseUnfitError):
    """values: database, address."""

    code = "database_unknown"


class DatabaseTooOldError(DatabaseUnfitError):
    """values: version, least."""

    code = "database_too_old"


class NotMigratedError(DatabaseUnfitError):
    """values: missing (names of migrations)."""

    code = "database_not_migrated"


class RoleNotGrantedError(DatabaseUnfitError):
    """values: user, role."""

    code = "database_role_not_granted"


class RightsMissingError(DatabaseUnfitError):
    """values: role, reason."""

    code = "database_rights_missing"


class OwnerNeededError(DatabaseUnfitError):
    """values: user, reason."""

    code = "database_owner_needed"


@contextmanager
def explained(url: str, *, role: str | None = None) -> Generator[None]:
    """Turn what goes wrong at the first look at `url` into one of the errors above; `role` is the one the session takes on."""
    try:
        yield
    except asyncpg.exceptions.ClientConfigurationError as problem:
        raise SettingsError(name="TOCSIN_DATABASE_URL", reason=str(problem)) from problem
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as problem:
        reason = str(problem) or type(problem).__name__
        raise DatabaseAwayError(address=address_of(url), reason=reason) from problem
    except asyncpg.InvalidAuthorizationSpecificationError as problem:
        raise DatabaseLogInError(user=user_of(url), address=address_of(url), reason=str(problem)) from problem
    except asyncpg.InvalidCatalogNameError as problem:
        raise DatabaseUnknownError(database=urlsplit(url).path.lstrip("/"), address=address_of(url)) from problem
    except (asyncpg.InvalidParameterValueError, asyncpg.UndefinedFunctionError, asyncpg.UndefinedTableError) as problem:
        if role is None:
            raise
        raise NotMigratedError(missing="…") from problem
    except asyncpg.InsufficientPrivilegeError as problem:
        if role is None:
            raise OwnerNeededError(user=user_of(url), reason=str(problem)) from problem
        if "set role" in str(problem):
            raise RoleNotGrantedError(user=user_of(url), role=role) from problem
        raise RightsMissingError(role=role, reason=str(problem)) from problem


def address_of(url: str) -> str:
    """Where the database is, without user and password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.query


def user_of(url: str) -> str:
    """The user who logs in, as the address names it."""
    return urlsplit(url).username or ""
