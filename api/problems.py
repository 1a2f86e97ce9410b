"""Refusals as application/problem+json (RFC 9457), in the caller's language. The one table of code and HTTP status."""

import json
from collections.abc import Mapping, Sequence

import orjson
from aiohttp import web

from api.errors import BodyInvalidError, FieldFault, SlowDownError, StaleError
from api.keys import REQUEST_ID
from api.language import language_of
from tocsin.base.errors import TocsinError
from tocsin.base.texts import has_text, say

STATUS: Mapping[str, int] = {
    "malformed": 400,
    "cursor_wrong": 400,
    "if_match_wrong": 400,
    "idempotency_key_wrong": 400,
    "credentials_missing": 401,
    "credentials_wrong": 401,
    "log_in_refused": 401,
    "pin_refused": 401,
    "hook_forged": 401,
    "community_forbidden": 403,
    "permission_lacking": 403,
    "own_request": 403,
    "pin_not_enough": 403,
    "forged_form": 403,
    "not_found": 404,
    "hook_unknown": 404,
    "handover_unknown": 404,
    "incident_unknown": 404,
    "task_unknown": 404,
    "report_unknown": 404,
    "draft_unknown": 404,
    "message_unknown": 404,
    "message_of_another": 404,
    "request_unknown": 404,
    "planned_work_unknown": 404,
    "delivery_unknown": 404,
    "alert_unknown": 404,
    "import_unknown": 404,
    "link_invalid": 404,
    "status_closed": 404,
    "place_unknown": 404,
    "person_unknown": 404,
    "contact_point_unknown": 404,
    "residence_unknown": 404,
    "help_not_noted": 404,
    "department_unknown": 404,
    "shift_unknown": 404,
    "certificate_unknown": 404,
    "outside_number_unknown": 404,
    "method_wrong": 405,
    "still_running": 409,
    "incident_ended": 409,
    "handover_signed": 409,
    "handover_old": 409,
    "signer_missing": 409,
    "not_relieved": 409,
    "not_ready_to_close": 409,
    "task_ended": 409,
    "complaint_ended": 409,
    "draft_ended": 409,
    "repairs_not_together": 409,
    "nothing_to_update": 409,
    "place_in_use": 409,
    "need_in_the_way": 409,
    "shift_over": 409,
    "message_not_stopped": 409,
    "message_not_pausable": 409,
    "quarantine_unknown": 409,
    "audience_changed": 409,
    "second_person_needed": 409,
    "request_decided": 409,
    "planned_work_ended": 409,
    "merge_into_relieved": 409,
    "message_over": 409,
    "log_in_link_wrong": 410,
    "canary_test_open": 409,
    "no_canary": 409,
    "link_expired": 410,
    "wall_withdrawn": 410,
    "changed_meanwhile": 412,
    "stale": 412,
    "body_too_large": 413,
    "media_type_wrong": 415,
    "if_match_missing": 428,
    "audience_unconfirmed": 428,
    "slow_down": 429,
    "not_durable": 503,
    "unavailable": 503,
}
"""Every code that is not a wrong value in what was sent, which is 422."""

BROKEN = ("internal", "settings", "unseal", "migration_changed")
"""Our own failures: 500, whoever asked."""

_SHOWN = 200
_LARGEST = 2**63


def status_of(error: TocsinError) -> int:
    """The HTTP status that says best what `error` means."""
    if error.code in BROKEN:
        return 500
    status = STATUS.get(error.code, 422 if error.permanent else 503)
    # What was named in a field and is not there is a wrong value; not found is the address.
    return 422 if status == 404 and error.field is not None else status


def problem(request: web.Request, error: TocsinError) -> web.Response:
    """The answer to a refused request."""
    status = status_of(error)
    language = language_of(request)
    body = describe(error, language, status) | {"instance": request.path, "request_id": request.get(REQUEST_ID, "")}
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, StaleError):
        body["current"] = error.current
        headers["ETag"] = f'"{error.version}"'
    if not error.permanent:
        headers["Retry-After"] = str(error.values.get("seconds", 1) if isinstance(error, SlowDownError) else 1)
    return web.Response(body=orjson.dumps(body), status=status, headers=headers, content_type="application/problem+json", charset="utf-8")


def describe(error: TocsinError, language: str, status: int) -> dict[str, object]:
    """The members of a problem that do not depend on the request."""
    code = error.code if status != 500 else "internal"
    values = error.values if status != 500 else {}
    described: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": say(language, f"problem.{status}"),
        "status": status,
        "detail": error_text(code, language, values),
        "code": code,
    }
    faults = _faults(error, described["detail"])
    if faults:
        described["errors"] = [_fault(one, language) for one in faults]
    return described


def error_text(code: str, language: str, values: Mapping[str, object]) -> str:
    """What the error with this code says, with its slots filled."""
    key = f"error.{code}"
    return say(language, key if has_text(key) else "error.internal", **values)


def _faults(error: TocsinError, detail: object) -> Sequence[FieldFault]:
    if isinstance(error, BodyInvalidError):
        return error.faults
    if error.field is None:
        return ()
    return (FieldFault(error.field, "field.said", {"detail": detail}, error.values.get("value")),)


def _fault(fault: FieldFault, language: str) -> dict[str, object]:
    slots = {name: _words(value, language) for name, value in fault.slots.items()}
    pointer = fault.pointer if fault.pointer.startswith("?") else f"#{fault.pointer}"
    return {"pointer": pointer, "detail": say(language, fault.text_key, **slots), "value": _short(fault.value)}


def _words(value: object, language: str) -> object:
    """A slot may hold another text's key, marked by a leading "=" (what type was expected)."""
    return say(language, value[1:]) if isinstance(value, str) and value.startswith("=field.") else value


def _short(value: object) -> object:
    if value is None or isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < _LARGEST):
        return value
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
