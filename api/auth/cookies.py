"""Cookies that say who a browser is: opaque, for this host alone, out of reach of scripts."""

from aiohttp import web

from tocsin.base.settings import Settings


def is_secure(settings: Settings) -> bool:
    """Whether browsers reach the service over https."""
    return settings.public_url.startswith("https://")


def cookie_name(settings: Settings, name: str) -> str:
    """Over https the name binds the cookie to this host and to https; over plain http browsers would refuse such a name."""
    return f"__Host-{name}" if is_secure(settings) else name


def keep(response: web.StreamResponse, settings: Settings, name: str, value: str, seconds: int) -> None:
    """Give the browser a cookie for so long."""
    response.set_cookie(
        cookie_name(settings, name), value, path="/", httponly=True, secure=is_secure(settings), samesite="Lax", max_age=seconds
    )


def drop(response: web.StreamResponse, settings: Settings, name: str) -> None:
    """Take it back."""
    response.del_cookie(cookie_name(settings, name), path="/", secure=is_secure(settings), httponly=True, samesite="Lax")
