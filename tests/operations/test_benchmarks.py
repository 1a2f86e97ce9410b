"""What the benchmarks leave out is said."""

import re

from aiohttp import web

from api.auth import pages as log_in
from api.console.routes import ROUTES
from benchmarks.pages import NOT_MEASURED, Open, pages_of


def test_every_page_is_measured_or_said_why_not() -> None:
    links = {
        "a": "/a/aaaaaaaaaaaa",
        "s": "/s/aaaaaaaaaaaa",
        "q": "/q/aaaaaaaaaaaa",
        "status": "/status/aaaaaaaaaaaa",
        "wall": f"/wall/{'a' * 50}",
    }
    measured = [path.partition("?")[0] for path in pages_of(Open({"whole": 1, "building": 2, "lift": 3}, links)).values()]
    app = web.Application()
    log_in.add_log_in(app)
    app.router.add_routes(ROUTES)
    infos = [route.resource.get_info() for route in app.router.routes() if route.method == "GET" and route.resource is not None]
    left_out = set()
    for info in infos:
        pattern = info.get("pattern") or re.compile(re.escape(info.get("path") or info["prefix"]))
        if "prefix" not in info and not any(pattern.fullmatch(path) for path in measured):
            left_out.add(info.get("formatter") or info["path"])

    assert left_out == set(NOT_MEASURED)
