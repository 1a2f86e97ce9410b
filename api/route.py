"""One operation of the JSON interface as data: routing, validation, permission and OpenAPI come from the same row."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_type_hints

from aiohttp import web
from pydantic import BaseModel

from api.auth.callers import Caller
from api.auth.roles import Permission, Role, roles_that_may
from api.errors import IfMatchMissingError, IfMatchWrongError, NotFoundError
from api.keys import Context
from tocsin.base.database import Tx

Method = Literal["GET", "POST", "PUT", "DELETE"]
Handler = Callable[..., Awaitable[Any]]
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler of the interface is given: who asks, in which language, and the open transaction of their community."""

    request: web.Request
    context: Context
    caller: Caller
    language: str
    tx: Tx

    def id_of(self, name: str) -> int:
        """The id in the address under `name`; what is no id is not found."""
        return id_in_path(self.request, name)

    def version_seen(self) -> int:
        """The version that the caller has seen, from If-Match; raises IfMatchMissingError, IfMatchWrongError."""
        sent = self.request.headers.get("If-Match")
        if sent is None:
            raise IfMatchMissingError()
        tag = sent.strip().removeprefix('"').removesuffix('"')
        if not (tag.isascii() and tag.isdigit() and len(tag) < 10):
            raise IfMatchWrongError(value=sent[:40])
        return int(tag)


def id_in_path(request: web.Request, name: str) -> int:
    """The id in the address under `name`; raises NotFoundError where it cannot be one."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit()) or int(text) > _LARGEST_ID:
        raise NotFoundError(value=text)
    return int(text)


@dataclass(frozen=True)
class Route:
    """`handler(call, body?, query?)` answers with a model; its annotations are the request's and the answer's shape.

    `creates` marks operations whose repeat would do something twice; their Idempotency-Key is honoured (as that of every POST
    with an effect). `streams` marks answers that are no JSON, of the media type `gives`: their handler is given the bare request
    instead. `takes_file` marks operations whose body is a file, raw or in a form: `handler(call, file, query?)`. `matches` marks operations that
    change what the caller has seen: they name its version in If-Match. `problems` are statuses with which no other refuses.
    """

    method: Method
    path: str
    handler: Handler
    permission: Permission
    status: int = 200
    creates: bool = False
    effect: bool = True
    streams: bool = False
    gives: str = "text/event-stream"
    takes_file: bool = False
    matches: bool = False
    problems: Sequence[int] = ()

    @property
    def operation_id(self) -> str:
        return self.handler.__name__

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[0]

    @property
    def idempotent(self) -> bool:
        """Whether an Idempotency-Key is stored and repeats are answered from it."""
        return self.method == "POST" and self.effect

    @property
    def roles(self) -> frozenset[Role]:
        return roles_that_may(self.permission)

    @cached_property
    def body(self) -> type[BaseModel] | None:
        return self._hint("body")

    @cached_property
    def query(self) -> type[BaseModel] | None:
        return self._hint("query")

    @cached_property
    def answer(self) -> type[BaseModel] | None:
        return self._hint("return")

    def _hint(self, name: str) -> type[BaseModel] | None:
        hint = get_type_hints(self.handler).get(name)
        return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None
