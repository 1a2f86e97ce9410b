"""What the interface says about itself: /openapi.json, /docs, and a page for every problem."""

import asyncio
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import orjson
from aiohttp import web

from api.errors import NotFoundError
from api.examples import Json
from api.keys import CONTEXT
from api.language import language_of
from api.openapi import make_document
from api.pages import page
from api.problems import BROKEN, STATUS
from api.route import Route
from tocsin.base.texts import LANGUAGES, has_text, say

DOCUMENTS: web.AppKey[dict[str, Json]] = web.AppKey("openapi", dict)
"""By language, made when first asked for: the service must not start later for what is seldom read."""
ROUTES: web.AppKey[Sequence[Route]] = web.AppKey("routes", Sequence)


def program_version() -> str:
    """The version of the program, as its project file says."""
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "0.1.0"


def add_documents(app: web.Application, routes: Sequence[Route]) -> None:
    """Serve the document of these routes."""
    app[ROUTES] = routes
    app[DOCUMENTS] = {}
    app.router.add_get("/openapi.json", openapi_document)
    app.router.add_get("/docs", read_docs)
    app.router.add_get("/problems/{code}", explain_problem)


async def _document(request: web.Request) -> Json:
    """The document in the caller's language. Made in a thread, because it takes a moment in which others must be answered."""
    language, app = language_of(request), request.app
    if language not in app[DOCUMENTS]:
        server = app[CONTEXT].settings.public_url
        made = await asyncio.to_thread(make_document, app[ROUTES], version=program_version(), server=server, language=language)
        app[DOCUMENTS][language] = made
    return app[DOCUMENTS][language]


async def openapi_document(request: web.Request) -> web.Response:
    """The OpenAPI 3.1 document, in the caller's language."""
    language = language_of(request)
    body = orjson.dumps(await _document(request))
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
    return web.Response(body=body, headers=headers, content_type="application/json", charset="utf-8")


async def read_docs(request: web.Request) -> web.Response:
    """The same document as a page that needs no scripts."""
    document = await _document(request)
    operations = [
        {"method": method.upper(), "path": path, **operation, "curl": _curl(document, method, path, operation)}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return page(request, "docs.html", document=document, operations=operations, dump=_pretty)


async def explain_problem(request: web.Request) -> web.Response:
    """What a problem's `type` leads to: its meaning in every language."""
    code = request.match_info["code"]
    if not has_text(f"error.{code}"):
        raise NotFoundError(value=code)
    status = 500 if code in BROKEN else STATUS.get(code, 422)
    told = {language: (say(language, f"problem.{status}"), say(language, f"error.{code}")) for language in LANGUAGES}
    return page(request, "explain.html", code=code, http_status=status, told=told)


def _pretty(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _curl(document: Json, method: str, path: str, operation: Json) -> str:
    parts = ["curl", f"-X {method.upper()}"] if method != "get" else ["curl"]
    parts.append('-H "Authorization: Bearer $TOKEN"')
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        parts.append("-F file=@list.xlsx")
    elif content:
        example = content["application/json"]["example"]
        parts += ["-H 'Content-Type: application/json'", f"-d '{orjson.dumps(example).decode()}'"]
    parts.append(f"{document['servers'][0]['url']}{path}")
    return " ".join(parts)
