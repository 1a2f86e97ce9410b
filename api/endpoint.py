"""Turns a Route into a handler of the web server: who asks, what is sent, one transaction, one answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import BodyPartReader, web
from pydantic import BaseModel

from api import idempotency
from api.auth.callers import Caller, authenticate
from api.auth.csrf import check_header
from api.errors import BodyInvalidError, BodyTooLargeError, FieldFault, MalformedError, MediaTypeWrongError
from api.fields import Versioned, check_body, check_query
from api.keys import CONTEXT, OPERATION
from api.language import language_of
from api.route import Call, Route

BODY_LIMIT = 1024 * 1024
FILE_LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is ready to leave; `replayed` when it was given before. `version` of what it shows, where that can be changed;
    `next` is where a list goes on."""

    status: int
    body: bytes
    replayed: bool = False
    version: int | None = None
    next: object = None


def endpoint(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The web server's handler of `route`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request[OPERATION] = route.operation_id
        caller = await authenticate(request)
        caller.must_be_able_to(route.permission)
        if caller.session is not None and request.method != "GET":
            check_header(request, caller.session)
        if route.streams:
            streamed: web.StreamResponse = await route.handler(request, caller)
            return streamed
        file = await read_file(request) if route.takes_file else None
        raw = file.data if file is not None else await read_body(request) if route.body is not None else b""
        answer = await _run(route, request, caller, raw, file)
        return _response(request, answer)

    return handle


async def read_body(request: web.Request, limit: int = BODY_LIMIT) -> bytes:
    """The body, checked to be JSON of at most `limit` bytes that PostgreSQL can store; no body at all is an empty object."""
    if not request.body_exists:
        return b"{}"
    if request.content_type != "application/json":
        raise MediaTypeWrongError(value=request.content_type)
    raw = await read_bytes(request, limit)
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        raise MalformedError(reason=str(problem)) from None
    if b"\\u0000" in raw:
        _refuse_nul(document, "")
    return raw


async def read_bytes(request: web.Request, limit: int) -> bytes:
    """The body whatever it is; raises BodyTooLargeError before more than `limit` bytes are held."""
    if request.content_length is not None and request.content_length > limit:
        raise BodyTooLargeError(limit=limit)
    pieces = bytearray()
    async for piece in request.content.iter_chunked(64 * 1024):
        pieces += piece
        if len(pieces) > limit:
            raise BodyTooLargeError(limit=limit)
    return bytes(pieces)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was sent; `name` as its sender calls it, "" for none."""

    name: str
    data: bytes


async def read_file(request: web.Request, limit: int = FILE_LIMIT) -> SentFile:
    """The file that is the body, or the first file of a form; raises BodyTooLargeError, MediaTypeWrongError where there is none."""
    if request.content_type == "application/json" or not request.body_exists:
        raise MediaTypeWrongError(value=request.content_type)
    if request.content_type != "multipart/form-data":
        return SentFile("", await read_bytes(request, limit))
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename is not None:
                return SentFile(part.filename, await _read_part(part, limit))
    except ValueError as problem:
        raise MalformedError(reason=str(problem)[:200]) from None
    raise MediaTypeWrongError(value=request.content_type)


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    pieces = bytearray()
    while piece := await part.read_chunk(64 * 1024):
        pieces += piece
        if len(pieces) > limit:
            raise BodyTooLargeError(limit=limit)
    return bytes(pieces)


def _refuse_nul(value: object, place: str) -> None:
    if isinstance(value, str) and "\0" in value:
        raise BodyInvalidError([FieldFault(place, "field.nul", {})])
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_nul(name, place)
            _refuse_nul(inner, f"{place}/{name}")
    if isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_nul(inner, f"{place}/{index}")


async def _run(route: Route, request: web.Request, caller: Caller, raw: bytes, file: SentFile | None) -> Answer:
    inputs: dict[str, Any] = {} if file is None else {"file": file}
    if route.body is not None:
        inputs["body"] = check_body(route.body, raw)
    if route.query is not None:
        inputs["query"] = check_query(route.query, request.query)
    context = request.app[CONTEXT]
    key = idempotency.key_of(request) if route.idempotent else None
    async with context.database.community(caller.community_id) as tx:
        asked = idempotency.Asked(caller.principal, key, request.method, request.path, raw) if key else None
        if asked is not None:
            before = await idempotency.begin(tx, asked)
            if before is not None:
                return Answer(before.status, before.body.encode(), replayed=True)
        call = Call(request, context, caller, language_of(request), tx)
        shown = await route.handler(call, **inputs)
        answer = Answer(
            route.status, _dump(shown), version=shown.version if isinstance(shown, Versioned) else None,
            next=getattr(shown, "next", None) if request.method == "GET" else None,
        )  # fmt: skip
        if asked is not None:
            await idempotency.finish(tx, asked, answer.status, answer.body.decode())
        return answer


def _dump(value: object) -> bytes:
    return value.model_dump_json().encode() if isinstance(value, BaseModel) else b"{}"


def _response(request: web.Request, answer: Answer) -> web.Response:
    headers = {"Content-Language": language_of(request), "Vary": "Accept-Language, Cookie"}
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if answer.next is not None:
        headers["Link"] = f'<{request.rel_url.update_query(after=str(answer.next))}>; rel="next"'
    return web.Response(body=answer.body, status=answer.status, headers=headers, content_type="application/json", charset="utf-8")
