"""Around every request: its id, what is logged and counted, the headers that protect browsers, and refusals turned into problems."""

import re
from collections.abc import Awaitable, Callable
from random import getrandbits
from time import monotonic

import asyncpg
from aiohttp import web

from api.errors import BodyTooLargeError, DiskFullError, MalformedError, MethodWrongError, NotFoundError, UnavailableError
from api.keys import CONTEXT, METRICS, OPERATION, REQUEST_ID
from api.language import language_of
from api.metrics import Metrics
from api.pages import error_page
from api.problems import problem
from tocsin.base.database import CONNECTION_LOST
from tocsin.base.errors import TocsinError
from tocsin.base.logs import logger
from tocsin.base.patience import CLIENT_SECONDS, PATIENCE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_SENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TO_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_BUSY = (
    *CONNECTION_LOST,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.InsufficientResourcesError,
)
_LOOKING = ("GET", "HEAD", "OPTIONS")
log = logger("api")


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers of every answer, also of streams: before it leaves, not after."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Request-Id"] = request.get(REQUEST_ID, "")


@web.middleware
async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id (the caller's own, if it sent one), and log and count what became of it."""
    request[REQUEST_ID] = request_id(request.headers.get("Request-Id", ""))
    began = monotonic()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as redirect:
        status = redirect.status
        raise
    finally:
        operation = request.get(OPERATION) or _route_name(request)
        note_answer(request.app[METRICS], request.method, operation, status, monotonic() - began, request[REQUEST_ID])


def note_answer(metrics: Metrics, method: str, operation: str, status: int, seconds: float, request_id: str) -> None:
    """Log and count one request."""
    metrics.answered(operation, status, seconds)
    log.info("request", method=method, operation=operation, status=status, milliseconds=round(seconds * 1000), request_id=request_id)


def request_id(sent: str) -> str:
    """The caller's own id of a request where it is one, else a new one."""
    return sent if sent and _SENT_ID.fullmatch(sent) else new_request_id()


def new_request_id() -> str:
    """128 random bits in letters alone: ten digits in a row would be masked in the log as somebody's number."""
    return f"{getrandbits(128):032x}".translate(_TO_LETTERS)


def _route_name(request: web.Request) -> str:
    """The route's pattern: an address itself may hold a link that nobody else should see."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every refusal and failure into an answer that says what is wrong and what to do."""
    PATIENCE.set(CLIENT_SECONDS)
    try:
        if request.method not in _LOOKING:
            request.app[CONTEXT].database.unconfirmed.refuse_if_hopeless()
        return await handler(request)
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        return _answer(request, _from_http(request, answer))
    except TocsinError as error:
        if error.code in ("internal", "settings", "unseal", "migration_changed"):
            log.error("failed", request_id=request[REQUEST_ID], exc_info=error)
        return _answer(request, error)
    except asyncpg.CharacterNotInRepertoireError:
        return _answer(request, MalformedError(reason="U+0000"))
    except asyncpg.DiskFullError as error:
        log.error("disk_full", problem=error.args[0], request_id=request[REQUEST_ID])
        return _answer(request, DiskFullError())
    except _BUSY as error:
        log.warning("unavailable", problem=type(error).__name__, request_id=request[REQUEST_ID])
        return _answer(request, UnavailableError())
    except Exception as error:  # noqa: BLE001 - the fence around one request: logged whole, told without inner details
        log.error("failed", request_id=request[REQUEST_ID], exc_info=error)
        return _answer(request, TocsinError())


def _from_http(request: web.Request, answer: web.HTTPException) -> TocsinError:
    if isinstance(answer, web.HTTPMethodNotAllowed):
        return MethodWrongError(value=request.method, allowed=", ".join(sorted(answer.allowed_methods)))
    if isinstance(answer, web.HTTPRequestEntityTooLarge):
        return BodyTooLargeError(limit=1024 * 1024)
    if answer.status == 404:
        return NotFoundError(value=request.path)
    return MalformedError(reason=answer.reason)


def _answer(request: web.Request, error: TocsinError) -> web.Response:
    if wants_page(request):
        return error_page(request, error)
    return problem(request, error)


def wants_page(request: web.Request) -> bool:
    """Whether a person looks at the answer in a browser."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith(("/api/", "/hooks/"))


def say_language(request: web.Request, response: web.StreamResponse) -> None:
    """Mark a page's language, so that caches keep the two apart."""
    response.headers["Content-Language"] = language_of(request)
    response.headers["Vary"] = "Accept-Language, Cookie"
