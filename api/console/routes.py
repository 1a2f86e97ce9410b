"""Every address of the pages, for the web application to include."""

from aiohttp import web

from api.console import (
    acts,
    alarms,
    asking,
    behind_links,
    debt,
    declare,
    desk,
    desks,
    doors,
    drafts,
    imports,
    live,
    looks,
    messages,
    open_incident,
    open_pages,
    phones,
    places,
    poster,
    preferences,
    requests,
    room,
    sign_on,
    status,
    tell,
    wall,
    ways,
)
from api.console.page import STATIC
from api.console.visit import visited

_LINK = "{token:[a-z0-9-]{10,120}}"
_WALL = "{token:[A-Za-z0-9_-]{10,120}}"
_NUMBER = r"{number:\d{1,10}}"
_MESSAGE = r"{message:\d{1,18}}"
_RUN = r"{import:\d{1,18}}"
_DEVICE = r"{device:\d{1,18}}"
_ACCOUNT = r"{account:\d{1,18}}"

ROUTES: tuple[web.AbstractRouteDef, ...] = (
    web.get("/", visited(desk.show_desk, "read", nameless=True)),
    web.get("/declare", visited(declare.show_declare, "declare", nameless=True)),
    web.post("/declare", visited(declare.do_declare, "declare", nameless=True, again=declare.chosen_again)),
    web.post("/declare/report", visited(declare.do_report_here, "declare", nameless=True, again=declare.chosen_again)),
    web.post("/declare/repair", visited(declare.do_repair, "declare", nameless=True, again=declare.chosen_again)),
    web.post("/declare/together", visited(declare.do_together, "declare", nameless=True)),
    web.post("/console/draft", visited(drafts.do_keep, "declare", nameless=True)),
    web.post(r"/drafts/{draft:\d{1,18}}/{act:[a-z]+}", visited(drafts.do_draft, "declare", nameless=True)),
    web.get("/console/alarms", visited(alarms.list_alarms, "read", nameless=True)),
    web.get(f"/declare/{_NUMBER}", visited(asking.show_questions, "declare", nameless=True)),
    web.post(f"/declare/{_NUMBER}", visited(asking.do_answer_question, "declare", nameless=True)),
    web.get(f"/i/{_NUMBER}", visited(room.show_room, "read")),
    web.get(f"/i/{_NUMBER}/door", visited(doors.show_doors, "read")),
    web.get(f"/i/{_NUMBER}/poster", visited(poster.show_poster, "read")),
    web.post(f"/i/{_NUMBER}/door", visited(doors.do_doors, "desk")),
    web.get(f"/i/{_NUMBER}/tell", visited(tell.show_tell, "desk")),
    web.post(f"/i/{_NUMBER}/tell", visited(tell.do_tell, "desk")),
    web.get(f"/i/{_NUMBER}/messages", visited(messages.show_messages, "read")),
    web.post(f"/i/{_NUMBER}/messages/{_MESSAGE}/{{act:[a-z]+}}", visited(messages.do_message, "desk")),
    web.post(r"/requests/{request:\d{1,18}}", visited(requests.do_request, "desk")),
    web.post(f"/i/{_NUMBER}/{{act:[a-z]+}}", visited(acts.do_act, "read", nameless=True)),
    web.post(r"/tasks/{task:\d{1,18}}", visited(acts.do_task, "call", nameless=True)),
    web.post(r"/calls/{message:\d{1,18}}/{delivery:\d{1,18}}", visited(acts.do_call, "call", nameless=True)),
    web.get("/imports", visited(imports.show_imports, "administer")),
    web.post("/imports", visited(imports.do_send, "administer", takes_file=True)),
    web.get("/imports/template/{kind}.xlsx", visited(imports.give_template, "administer")),
    web.get(f"/imports/{_RUN}", visited(imports.show_import, "administer")),
    web.post(f"/imports/{_RUN}/read", visited(imports.do_read_again, "administer")),
    web.post(f"/imports/{_RUN}/apply", visited(imports.do_apply, "administer")),
    web.get("/console/places", visited(places.list_suggestions, "declare", nameless=True)),
    web.get("/console/live", live.stream_changes),
    web.post("/console/preferences", preferences.do_preferences),
    web.get(f"/a/{_LINK}", behind_links.behind_link("a", behind_links.show_answer)),
    web.post(f"/a/{_LINK}", behind_links.do_answer),
    web.get(f"/s/{_LINK}", behind_links.behind_link("s", behind_links.show_resident)),
    web.post(f"/s/{_LINK}", behind_links.behind_link("s", behind_links.do_respond)),
    web.get(f"/q/{_LINK}", open_incident.behind_incident_link(open_incident.show_incident)),
    web.post(f"/q/{_LINK}", open_incident.behind_incident_link(open_incident.do_answer_openly)),
    web.get(f"/c/{_LINK}", behind_links.behind_link("c", behind_links.show_test)),
    web.post(f"/c/{_LINK}", behind_links.behind_link("c", behind_links.do_press)),
    web.get("/status/{key:[0-9a-z]{12}}", status.show_status),
    web.get(f"/wall/{_WALL}", wall.show_wall),
    web.get(f"/wall/{_WALL}/live", wall.stream_wall),
    web.get("/open", visited(open_pages.show_open_pages, "wall")),
    web.get("/open/poster", visited(poster.show_status_poster, "wall")),
    web.post("/open/walls", visited(open_pages.do_make_wall, "wall")),
    web.post(r"/open/walls/{wall:\d{1,18}}/withdraw", visited(open_pages.do_withdraw_wall, "wall")),
    web.get("/debt", visited(debt.show_debt, "desk")),
    web.post("/debt/look", visited(debt.do_look, "desk")),
    web.post(r"/debt/{home:\d{1,18}}", visited(debt.do_work, "desk")),
    web.get("/sign-on", visited(sign_on.show_sign_on, "read", nameless=True)),
    web.post("/sign-on", sign_on.do_sign_on),
    web.get("/pin", visited(sign_on.show_pin, "read")),
    web.post("/pin", sign_on.do_pin),
    web.get("/desks", visited(desks.show_desks, "enrol")),
    web.post("/desks", visited(desks.do_enrol, "enrol")),
    web.post(f"/desks/{_DEVICE}/name", visited(desks.do_rename, "enrol")),
    web.post(f"/desks/{_DEVICE}/withdraw", visited(desks.do_withdraw, "enrol")),
    web.post(f"/desks/staff/{_ACCOUNT}/number", visited(desks.do_number, "enrol")),
    web.post(f"/desks/staff/{_ACCOUNT}/pin", desks.do_set),
    web.post(f"/desks/staff/{_ACCOUNT}/clear", visited(desks.do_clear, "enrol")),
    web.get("/looks", visited(looks.show_looks, "care")),
    web.get("/ways", visited(ways.show_ways, "read")),
    web.post("/ways/name", visited(ways.do_name, "directory")),
    web.post("/ways/withdraw", visited(ways.do_withdraw, "directory")),
    web.post("/ways/test", visited(ways.do_test, "desk")),
    web.post("/ways/plan", visited(ways.do_plan, "administer")),
    web.get("/demo/phones", phones.show_phones),
    web.post("/demo/phones/{what:reply|press|switch}", phones.do_phones),
    web.static("/console/static", STATIC),
)


def add_pages(app: web.Application) -> None:
    """Include every page."""
    app.add_routes(ROUTES)
