"""What may be refused at the door.

ApiError
├── MalformedError             the body is not JSON
├── BodyInvalidError           fields are missing, unknown or wrong; carries every one of them
├── BodyTooLargeError, MediaTypeWrongError, CursorWrongError, IdempotencyKeyWrongError
├── IdempotencyMismatchError   the key was used for another request
├── StillRunningError          a request with the same key has not ended yet
├── NotFoundError, MethodWrongError
├── IfMatchMissingError, IfMatchWrongError
├── StaleError                 somebody changed it since it was read; carries what it is now
├── HookUnknownError, HookForgedError
├── UnavailableError           the database is away
├── DiskFullError              the database has no room
├── WallWithdrawnError         the wallboard's address was taken back
└── AuthError
    ├── CredentialsMissingError, CredentialsWrongError
    ├── LogInRefusedError      login or password is wrong, and not said which
    ├── LogInLinkWrongError    used up, expired or never made
    ├── SlowDownError          too many wrong passwords or PINs: slower, never locked out
    ├── CommunityMissingError, CommunityForbiddenError, PermissionLackingError
    ├── ForgedFormError        the form did not come from our own page
    ├── DeviceNameWrongError, DeviceNameTakenError
    ├── PinRefusedError        staff number or PIN is wrong, and not said which
    ├── PinNotEnoughError      a log-in by PIN does not give this, a password does
    ├── PinUnfitError, PinsDifferError
    └── StaffNumberWrongError, StaffNumberTakenError, StaffNumberMissingError
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.base.errors import TocsinError


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing wrong in what the caller sent.

    `pointer` is a JSON pointer ("/facts/people_inside"), or "?name" for a query parameter; `text_key` and `slots` say
    what is wrong in the caller's language; `value` is what was sent, cut short.
    """

    pointer: str
    text_key: str
    slots: dict[str, object]
    value: object = None


class ApiError(TocsinError):
    """Base of this package's refusals."""

    code = "api"


class MalformedError(ApiError):
    """values: reason."""

    code = "malformed"


class BodyInvalidError(ApiError):
    """Everything that is wrong with the fields at once."""

    code = "body_invalid"

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__(field=faults[0].pointer if faults else None, count=len(faults))
        self.faults = tuple(faults)


class BodyTooLargeError(ApiError):
    """values: limit (bytes)."""

    code = "body_too_large"


class MediaTypeWrongError(ApiError):
    """values: value."""

    code = "media_type_wrong"


class CursorWrongError(ApiError):
    """values: value."""

    code = "cursor_wrong"


class IdempotencyKeyWrongError(ApiError):
    """values: value."""

    code = "idempotency_key_wrong"


class IdempotencyMismatchError(ApiError):
    """values: value."""

    code = "idempotency_mismatch"


class StillRunningError(ApiError):
    """values: value."""

    code = "still_running"
    permanent = False


class NotFoundError(ApiError):
    """values: value."""

    code = "not_found"


class IfMatchMissingError(ApiError):
    """What is changed has to be named by the version that was seen."""

    code = "if_match_missing"


class IfMatchWrongError(ApiError):
    """values: value."""

    code = "if_match_wrong"


class StaleError(ApiError):
    """Somebody changed it since it was read. `current` is what it is now, as the interface shows it, `version` its version."""

    code = "stale"

    def __init__(self, current: Mapping[str, object], version: int) -> None:
        super().__init__()
        self.current = current
        self.version = version


class MethodWrongError(ApiError):
    """values: value, allowed."""

    code = "method_wrong"


class HookUnknownError(ApiError):
    """No gateway has this key."""

    code = "hook_unknown"


class HookForgedError(ApiError):
    """The request is not the gateway's."""

    code = "hook_forged"


class UnavailableError(ApiError):
    """The database is away or did not confirm; the same request with the same key tells what became of it."""

    code = "unavailable"
    permanent = False


class DiskFullError(ApiError):
    """The database has no room: nothing of the request was kept."""

    code = "disk_full"
    permanent = False


class WallWithdrawnError(ApiError):
    """Whoever hangs the screen up gets a new address from a supervisor."""

    code = "wall_withdrawn"


class AuthError(ApiError):
    """Base of what is refused because of who asks."""

    code = "auth"


class CredentialsMissingError(AuthError):
    """Neither a token nor a session."""

    code = "credentials_missing"


class CredentialsWrongError(AuthError):
    """A token or session that does not exist, has expired or was revoked."""

    code = "credentials_wrong"


class LogInRefusedError(AuthError):
    """Login or password is wrong; the answer and its timing do not tell which."""

    code = "log_in_refused"


class LogInLinkWrongError(AuthError):
    """The one-time link was used, has expired or was never made."""

    code = "log_in_link_wrong"


class SlowDownError(AuthError):
    """values: seconds (until the next try is heard)."""

    code = "slow_down"
    permanent = False


class CommunityMissingError(AuthError):
    """A company's token must say which community it means."""

    code = "community_missing"


class CommunityForbiddenError(AuthError):
    """values: value."""

    code = "community_forbidden"


class PermissionLackingError(AuthError):
    """values: permission, roles."""

    code = "permission_lacking"


class ForgedFormError(AuthError):
    """The CSRF token is missing or wrong, or another site sent the request."""

    code = "forged_form"


class DeviceNameWrongError(AuthError):
    """values: value, longest."""

    code = "device_name_wrong"


class DeviceNameTakenError(AuthError):
    """values: value."""

    code = "device_name_taken"


class PinRefusedError(AuthError):
    """No values: it does not say whether the number or the PIN was wrong."""

    code = "pin_refused"


class PinNotEnoughError(AuthError):
    """No values."""

    code = "pin_not_enough"


class PinUnfitError(AuthError):
    """values: shortest, longest."""

    code = "pin_unfit"


class PinsDifferError(AuthError):
    """No values: the PIN was typed twice, and not the same."""

    code = "pins_differ"


class StaffNumberWrongError(AuthError):
    """values: value."""

    code = "staff_number_wrong"


class StaffNumberTakenError(AuthError):
    """values: value."""

    code = "staff_number_taken"


class StaffNumberMissingError(AuthError):
    """No values: a PIN goes with a number, and this account has none yet."""

    code = "staff_number_missing"
