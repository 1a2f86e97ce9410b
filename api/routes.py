"""Every address of the service: the operations of the JSON interface in one table, then hooks, log-in, health, documents and pages."""

from aiohttp import web

from api import docs, health
from api.auth import pages as log_in
from api.console.routes import ROUTES as PAGES
from api.console.shared_page import SHARED, SharedPages
from api.endpoint import endpoint
from api.hooks.receive import OPEN_CHANNELS, receive_hook
from api.imports_running import IMPORTS, ImportsRunning
from api.keys import ANSWERS, CONTEXT, METRICS, Context
from api.metrics import Metrics
from api.middleware import protect, refuse, watch
from api.pages import STATIC
from api.route import Route
from api.streams import STREAMS, Streams
from api.v1 import (
    audiences,
    broadcast_requests,
    broadcasts,
    calls,
    canaries,
    changes,
    contact_debt,
    contact_points,
    departments,
    desk_devices,
    events,
    gateways,
    handovers,
    imports,
    incidents,
    kinds,
    messages,
    needs,
    outside_numbers,
    people,
    place_records,
    places,
    planned,
    reading,
    repairs,
    replies,
    reports,
    search,
    shifts,
    tasks,
    visits,
)
from incidents.answers.together import AnswersTogether
from notifiers.delivery.open_channels import OpenChannels

INCIDENTS = "/api/v1/incidents"
INCIDENT = "/api/v1/incidents/{incident}"
IMPORT = "/api/v1/imports/{import}"
PLACE = "/api/v1/places/{place}"
PERSON = "/api/v1/people/{person}"
POINT = "/api/v1/contact-points/{point}"
SHIFT = "/api/v1/shifts/{shift}"
PLANNED = "/api/v1/planned-work/{planned}"
REQUEST = "/api/v1/broadcast-requests/{request}"
NUMBER = "/api/v1/outside-numbers/{number}"

ROUTES: tuple[Route, ...] = (
    Route("POST", INCIDENTS, incidents.declare_incident, "declare", status=201, creates=True),
    Route("GET", INCIDENTS, incidents.list_all_incidents, "read"),
    Route("POST", f"{INCIDENTS}/preview", incidents.preview_incident, "declare", effect=False),
    Route("POST", "/api/v1/drills", incidents.declare_drill, "drill", status=201, creates=True),
    Route("GET", INCIDENT, incidents.get_incident, "read"),
    Route("POST", f"{INCIDENT}/reports", changes.add_report, "declare", status=201, creates=True),
    Route("POST", f"{INCIDENT}/reports/{{report}}/home", reports.name_caller_home, "declare"),
    Route("POST", f"{INCIDENT}/reports/{{report}}/call-back", reports.finish_call_back, "desk"),
    Route("POST", f"{INCIDENT}/reports/{{report}}/follow-up", reports.finish_follow_up, "desk"),
    Route("POST", f"{INCIDENT}/reports/{{report}}/owner", reports.give_complaint_owner, "desk"),
    Route("POST", f"{INCIDENT}/reports/{{report}}/outcome", reports.finish_complaint, "desk"),
    Route("POST", f"{INCIDENT}/facts", changes.set_facts, "declare"),
    Route("POST", f"{INCIDENT}/updates", changes.post_update, "desk", status=201, creates=True),
    Route("POST", f"{INCIDENT}/tell", changes.tell_residents, "steer"),
    Route("POST", f"{INCIDENT}/severity", changes.set_severity, "steer"),
    Route("POST", f"{INCIDENT}/place", changes.set_place, "steer"),
    Route("POST", f"{INCIDENT}/notes", changes.add_note, "desk", status=201, creates=True),
    Route("POST", f"{INCIDENT}/confirmations", changes.give_confirmation, "confirm"),
    Route("POST", f"{INCIDENT}/answers", changes.write_answer, "answer", status=201, creates=True),
    Route("POST", f"{INCIDENT}/visits", visits.add_visit, "declare", status=201, creates=True),
    Route("POST", f"{INCIDENT}/merge", changes.merge_incident, "steer"),
    Route("POST", f"{INCIDENT}/resolve", changes.resolve_incident, "steer"),
    Route("POST", f"{INCIDENT}/reopen", changes.reopen_incident, "steer"),
    Route("POST", f"{INCIDENT}/close", changes.close_incident, "steer"),
    Route("POST", f"{INCIDENT}/cancel", changes.cancel_incident, "steer"),
    Route("GET", f"{INCIDENT}/timeline", reading.read_timeline, "read"),
    Route("GET", f"{INCIDENT}/messages", messages.list_messages, "read"),
    Route("GET", f"{INCIDENT}/deliveries", reading.list_deliveries, "read"),
    Route("GET", f"{INCIDENT}/reach", reading.read_reach, "read"),
    Route("GET", f"{INCIDENT}/tasks", tasks.list_incident_tasks, "read"),
    Route("GET", f"{INCIDENT}/calls", calls.list_calls, "desk"),
    Route("GET", f"{INCIDENT}/events", events.stream_events, "read", streams=True),
    Route("GET", "/api/v1/tasks", tasks.list_tasks, "read"),
    Route("POST", "/api/v1/tasks/{task}", tasks.complete_task, "call"),
    Route("GET", "/api/v1/call-backs", reports.list_call_backs, "desk"),
    Route("GET", "/api/v1/follow-ups", reports.list_follow_ups, "desk"),
    Route("GET", "/api/v1/complaints", reports.list_complaints, "desk"),
    Route("POST", "/api/v1/calls", calls.finish_call, "call"),
    Route("POST", "/api/v1/broadcasts", broadcasts.post_broadcast, "steer", status=201, creates=True, problems=(428,)),
    Route("GET", "/api/v1/broadcast-requests", broadcast_requests.list_broadcast_requests, "read"),
    Route("POST", "/api/v1/broadcast-requests", broadcast_requests.ask_for_broadcast, "desk", status=201, creates=True),
    Route("POST", f"{REQUEST}/approve", broadcast_requests.approve_broadcast, "steer", problems=(428,)),
    Route("POST", f"{REQUEST}/refuse", broadcast_requests.refuse_broadcast, "steer"),
    Route("POST", f"{REQUEST}/withdraw", broadcast_requests.withdraw_broadcast, "desk"),
    Route("GET", f"{INCIDENT}/broadcast-requests", broadcast_requests.list_requests_of_incident, "read"),
    Route("GET", "/api/v1/messages/{message}", messages.get_message, "read"),
    Route("POST", "/api/v1/messages/{message}/stop", messages.stop_message, "steer"),
    Route("POST", "/api/v1/messages/{message}/pause", messages.pause_message, "steer"),
    Route("POST", "/api/v1/messages/{message}/set-apart", gateways.decide_on_set_apart, "steer"),
    Route("POST", "/api/v1/messages/{message}/resume", messages.resume_message, "steer"),
    Route("POST", "/api/v1/messages/{message}/send-now", messages.send_message_now, "steer"),
    Route("POST", "/api/v1/messages/{message}/correct", messages.correct_message, "desk", status=201, creates=True),
    Route("GET", "/api/v1/planned-work", planned.list_planned_work, "read"),
    Route("POST", "/api/v1/planned-work", planned.plan_cut, "steer", status=201, creates=True),
    Route("POST", f"{PLANNED}/change", planned.change_cut, "steer"),
    Route("POST", f"{PLANNED}/cancel", planned.cancel_cut, "steer"),
    Route("POST", f"{PLANNED}/declare", planned.declare_overrun, "declare", status=201, creates=True),
    Route("POST", f"{PLANNED}/restored", planned.restore_cut, "steer"),
    Route("POST", "/api/v1/repairs", repairs.hand_on_repair, "desk", status=201, creates=True),
    Route("GET", "/api/v1/repairs/together", repairs.list_repairs_together, "desk"),
    Route("POST", "/api/v1/repairs/together", repairs.decide_on_repairs, "declare"),
    Route("POST", "/api/v1/audience/preview", audiences.preview_audience, "read", effect=False),
    Route("GET", "/api/v1/places", places.search_places, "read"),
    Route("POST", "/api/v1/places", place_records.create_place, "directory", status=201, creates=True),
    Route("GET", PLACE, place_records.get_place_record, "read"),
    Route("PUT", PLACE, place_records.change_place_record, "directory", matches=True),
    Route("DELETE", PLACE, place_records.remove_place_record, "directory", matches=True),
    Route("GET", f"{PLACE}/people", place_records.list_members, "desk"),
    Route("GET", "/api/v1/search", search.search_everything, "read"),
    Route("GET", "/api/v1/people", people.list_all_people, "directory"),
    Route("POST", "/api/v1/people", people.create_person, "directory", status=201, creates=True),
    Route("GET", PERSON, people.get_person, "desk"),
    Route("PUT", PERSON, people.change_person_record, "directory", matches=True),
    Route("POST", f"{PERSON}/merge", people.merge_people, "directory"),
    Route("POST", f"{PERSON}/residences", people.move_in, "directory", status=201, creates=True),
    Route("POST", f"{PERSON}/residences/end", people.move_out, "directory"),
    Route("POST", f"{PERSON}/contact-points", contact_points.create_contact_point, "directory", status=201, creates=True),
    Route("PUT", POINT, contact_points.change_contact_point_record, "directory", matches=True),
    Route("DELETE", POINT, contact_points.remove_contact_point_record, "directory", matches=True),
    Route("POST", f"{POINT}/quality", contact_points.judge_contact_point, "desk"),
    Route("POST", f"{POINT}/look", contact_points.look_at_contact_point, "reveal", effect=False),
    Route("GET", f"{PERSON}/need", needs.get_need, "desk"),
    Route("PUT", f"{PERSON}/need", needs.note_need, "directory"),
    Route("DELETE", f"{PERSON}/need", needs.remove_need_record, "directory"),
    Route("POST", f"{PERSON}/need/look", needs.look_at_need, "care", effect=False),
    Route("GET", "/api/v1/looks", needs.list_looks, "care"),
    Route("POST", "/api/v1/imports", imports.start_import, "administer", status=201, creates=True, takes_file=True),
    Route("GET", IMPORT, imports.get_import, "administer"),
    Route("GET", f"{IMPORT}/rows", imports.list_import_rows, "administer"),
    Route("GET", f"{IMPORT}/errors", imports.download_import_errors, "administer", streams=True, gives=imports.WORKBOOK),
    Route("POST", f"{IMPORT}/apply", imports.apply_import, "administer", status=201, creates=True),
    Route("GET", "/api/v1/departments", departments.list_departments, "read"),
    Route("POST", "/api/v1/departments", departments.create_department, "administer", status=201, creates=True),
    Route("PUT", "/api/v1/departments/{department}", departments.change_department_record, "roster", matches=True),
    Route("GET", "/api/v1/posts", departments.list_posts, "read"),
    Route("POST", "/api/v1/posts", departments.give_post, "roster", status=201, creates=True),
    Route("POST", "/api/v1/posts/end", departments.take_post, "roster"),
    Route("GET", "/api/v1/certificates", departments.list_certificates, "read"),
    Route("POST", "/api/v1/certificates", departments.note_certificate, "roster", status=201, creates=True),
    Route("DELETE", "/api/v1/certificates/{certificate}", departments.remove_certificate_record, "roster"),
    Route("GET", "/api/v1/readiness", departments.read_readiness, "read"),
    Route("GET", "/api/v1/shifts", shifts.read_roster, "read"),
    Route("POST", "/api/v1/shifts", shifts.create_shift, "roster", status=201, creates=True),
    Route("PUT", SHIFT, shifts.change_shift_record, "roster", matches=True),
    Route("DELETE", SHIFT, shifts.remove_shift_record, "roster", matches=True),
    Route("POST", f"{SHIFT}/take-over", shifts.take_over_shift, "roster", matches=True),
    Route("POST", f"{SHIFT}/exchange", shifts.exchange_shifts, "roster", matches=True),
    Route("GET", "/api/v1/shift-changes", shifts.list_shift_changes, "read"),
    Route("GET", "/api/v1/outside-numbers", outside_numbers.list_outside_numbers, "read"),
    Route("POST", "/api/v1/outside-numbers", outside_numbers.create_outside_number, "directory", status=201, creates=True),
    Route("PUT", NUMBER, outside_numbers.change_outside_number, "directory", matches=True),
    Route("DELETE", NUMBER, outside_numbers.remove_outside_number, "directory", matches=True),
    Route("POST", f"{NUMBER}/checked", outside_numbers.check_outside_number, "desk"),
    Route("GET", "/api/v1/contact-debt", contact_debt.list_contact_debt, "desk"),
    Route("GET", "/api/v1/contact-debt/buildings", contact_debt.count_contact_debt, "read"),
    Route("GET", "/api/v1/contact-debt/{home}", contact_debt.read_debt_work, "desk"),
    Route("POST", "/api/v1/contact-debt/{home}", contact_debt.note_debt_work, "desk", status=201, creates=True),
    Route("GET", "/api/v1/canaries", canaries.list_canaries, "read"),
    Route("POST", "/api/v1/canaries", canaries.give_canary, "directory", status=201, creates=True),
    Route("POST", "/api/v1/canaries/end", canaries.take_canary, "directory"),
    Route("PUT", "/api/v1/canaries/plan", canaries.change_canary_times, "administer"),
    Route("GET", "/api/v1/gateways", gateways.list_gateways, "read"),
    Route("GET", "/api/v1/ways", canaries.list_ways, "read"),
    Route("POST", "/api/v1/ways/test", canaries.test_ways, "desk", status=201, creates=True),
    Route("GET", "/api/v1/ways/tests", canaries.list_past_tests, "read"),
    Route("GET", "/api/v1/handovers", handovers.list_handovers, "desk"),
    Route("POST", "/api/v1/handovers", handovers.hand_shift_over, "desk", status=201, creates=True),
    Route("GET", "/api/v1/handovers/{handover}", handovers.get_handover, "desk"),
    Route("POST", "/api/v1/handovers/{handover}/sign", handovers.take_shift_over, "desk"),
    Route("GET", "/api/v1/desk-devices", desk_devices.list_desk_devices, "enrol"),
    Route("DELETE", "/api/v1/desk-devices/{device}", desk_devices.withdraw_desk_device, "enrol"),
    Route("GET", "/api/v1/kinds", kinds.list_kinds, "read"),
    Route("GET", "/api/v1/replies", replies.list_unmatched_replies, "read"),
)


def make_app(context: Context) -> web.Application:
    """The web application; whoever starts it runs `context.wakeups.listen()` beside it."""
    app = web.Application(middlewares=[watch, refuse])
    app[CONTEXT] = context
    app[METRICS] = Metrics()
    app[STREAMS] = Streams()
    app[SHARED] = SharedPages()
    context.wakeups.subscribe(app[STREAMS].hear)
    app[ANSWERS] = AnswersTogether(context.database, context.wakeups)
    app[OPEN_CHANNELS] = OpenChannels(context.database, context.secrets, context.settings.public_url)
    app[IMPORTS] = ImportsRunning(context.database)
    app.on_response_prepare.append(protect)
    app.on_shutdown.append(_end_streams)
    app.on_shutdown.append(_stop_imports)
    app.on_cleanup.append(_close_channels)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, endpoint(route))
    app.router.add_post("/hooks/{key}/{what}", receive_hook)
    app.router.add_get("/hooks/{key}/{what}", receive_hook, allow_head=False)
    app.router.add_get("/healthz", health.healthz)
    app.router.add_get("/readyz", health.readyz)
    app.router.add_get("/metrics", health.metrics)
    docs.add_documents(app, ROUTES)
    log_in.add_log_in(app)
    app.router.add_static("/plain", STATIC)
    app.router.add_routes(PAGES)
    return app


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].close()


async def _stop_imports(app: web.Application) -> None:
    await app[IMPORTS].close()


async def _close_channels(app: web.Application) -> None:
    await app[OPEN_CHANNELS].close()
