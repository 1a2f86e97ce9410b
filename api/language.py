"""In which language a caller is answered."""

from aiohttp import web

from api.keys import SESSION_LANGUAGE
from tocsin.base.texts import choose_language

COOKIE = "tocsin_language"


def language_of(request: web.Request) -> str:
    """'zh-CN' or 'en': asked for in the address (?lang=), chosen before (cookie), the account's own, then Accept-Language."""
    asked = (
        request.query.get("lang") or request.cookies.get(COOKIE) or request.get(SESSION_LANGUAGE) or request.headers.get("Accept-Language")
    )
    return choose_language(asked)
