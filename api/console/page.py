"""Renders a template as a page: words in the visitor's language, clocks in the community's zone, headers that allow nothing foreign."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.keys import CONTEXT
from api.language import language_of
from tocsin.base.texts import say

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "tocsin_theme"
KEYS_COOKIE = "tocsin_keys"

HEADERS = {
    "Content-Security-Policy": ("default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}


def spoken_number(number: str) -> str:
    """A telephone number in the groups in which it is dialled and read out (138 0000 0011); as it is where it is none."""
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return number
    is_chinese = parsed.country_code == 86 and phonenumbers.is_valid_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL) if is_chinese else number


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["number"] = spoken_number


@dataclass(frozen=True, slots=True)
class Clocks:
    """How instants read on a page: `now` is story time, `zone` the community's."""

    now: datetime
    zone: ZoneInfo

    def time(self, at: datetime) -> str:
        """02:06, or 11-24 02:06 when it is another day's."""
        local = at.astimezone(self.zone)
        same_day = local.date() == self.now.astimezone(self.zone).date()
        return local.strftime("%H:%M" if same_day else "%m-%d %H:%M")

    def dated(self, at: datetime) -> str:
        """11-24 02:06 whatever the day: for what hangs on."""
        return at.astimezone(self.zone).strftime("%m-%d %H:%M")

    def day_time(self, at: datetime) -> str:
        """2026-11-24 02:06, for paper that is kept."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def day_second(self, at: datetime) -> str:
        """2026-11-24 02:06:41"""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def second(self, at: datetime) -> str:
        """02:06:41"""
        return at.astimezone(self.zone).strftime("%H:%M:%S")

    def record(self, at: datetime) -> str:
        """02:06:41, or 11-24 02:06:41 when it is another day's."""
        local = at.astimezone(self.zone)
        same_day = local.date() == self.now.astimezone(self.zone).date()
        return local.strftime("%H:%M:%S" if same_day else "%m-%d %H:%M:%S")

    def stamp(self, at: datetime) -> str:
        """2026-11-24 02:06:41, for what is printed and kept."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def iso(self, at: datetime) -> str:
        """For scripts: UTC with milliseconds."""
        return at.astimezone(UTC).isoformat(timespec="milliseconds")

    def left(self, at: datetime) -> str:
        """12:48 until `at`, or since it has passed; 1:02:48 when it is hours."""
        return duration(abs((at - self.now).total_seconds()))

    def age(self, at: datetime) -> str:
        """How long ago `at` was, as `left`."""
        return duration((self.now - at).total_seconds())

    def span(self, start: datetime, end: datetime) -> str:
        """How long it was from one instant to another, as `left`."""
        return duration((end - start).total_seconds())


def duration(seconds: float) -> str:
    """2:05 or 1:02:05; never negative."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def theme_of(request: web.Request) -> str:
    """'auto', 'light' or 'dark', as chosen in this browser."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def keys_of(request: web.Request) -> bool:
    """Whether single keys act in this browser; on unless switched off."""
    return request.cookies.get(KEYS_COOKIE) != "off"


@cache
def static_address(name: str) -> str:
    """Where a static file is served; the address changes with the content, so that browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/console/static/{name}?v={digest}"


def render_text(
    request: web.Request, template: str, clocks: Clocks, values: Mapping[str, object], *, language: str, theme: str
) -> str:  # fmt: skip
    """The template as HTML. It sees `t`, `clocks`, `language`, `path`, `theme`, `keys_on`, `demo`, `static`, `seconds` and `values`."""
    return _ENVIRONMENT.get_template(template).render(
        t=partial(say, language),
        clocks=clocks,
        language=language,
        path=request.path_qs,
        theme=theme,
        keys_on=keys_of(request),
        demo=request.app[CONTEXT].settings.demo,
        static=static_address,
        seconds=_seconds,
        **values,
    )


def render(request: web.Request, template: str, clocks: Clocks, values: Mapping[str, object], status: int = 200) -> web.Response:
    """The template as an answer, in the visitor's language and theme; see `render_text`."""
    language = language_of(request)
    text = render_text(request, template, clocks, values, language=language, theme=theme_of(request))
    return web.Response(
        text=text, status=status, content_type="text/html", charset="utf-8", headers={**HEADERS, "Content-Language": language}
    )


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def utc_clocks() -> Clocks:
    """For pages that show no instants (log-in, errors before anything was read)."""
    return Clocks(datetime.fromtimestamp(0, UTC), ZoneInfo("UTC"))


def see_other(path: str) -> web.Response:
    """Send the browser on after a form."""
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


def local_path(asked: str, otherwise: str = "/") -> str:
    """`asked` when it is a path of ours, else `otherwise`: a form must not send anybody to another site."""
    is_ours = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()  # browsers drop tabs and line ends
    return asked if is_ours else otherwise
