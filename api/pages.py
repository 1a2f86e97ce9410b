"""The few pages that belong to no part of the console: log-in, errors, the documentation. Plain HTML, no scripts."""

from functools import cache
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.console.page import static_address, theme_of
from api.keys import REQUEST_ID
from api.language import language_of
from api.problems import describe, status_of
from tocsin.base.errors import TocsinError
from tocsin.base.texts import say

FOLDER = Path(__file__).resolve().parent
STATIC = FOLDER / "static"


@cache
def environment() -> Environment:
    """Templates escape everything, and a name that does not exist is an error."""
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def page(request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
    """Render `template` in the visitor's language; inside it `say(key, …)` speaks."""
    language = language_of(request)

    def speak(key: str, **slots: object) -> str:
        return say(language, key, **slots)

    look = {"theme": theme_of(request), "console": static_address}
    html = environment().get_template(template).render(say=speak, language=language, request_path=request.path, **look, **values)
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
    return web.Response(text=html, status=status, content_type="text/html", headers=headers)


def error_page(request: web.Request, error: TocsinError) -> web.Response:
    """What a person sees instead of a problem in JSON."""
    status = status_of(error)
    told = describe(error, language_of(request), status)
    response = page(request, "problem.html", status=status, problem=told, request_id=request.get(REQUEST_ID, ""))
    if not error.permanent:
        response.headers["Retry-After"] = str(error.values.get("seconds", 1))
    return response
