"""Every address of the service: the operations of the JSON interface in one table, then hooks, log-in, health, documents and pages."""

from aiohttp import web

from api import docs, health
from api.auth import pages as log_in
from api.console.routes import ROUTES as PAGES
from api.endpoint import endpoint
from api.hooks.receive import OPEN_CHANNELS, receive_hook
from api.keys import ANSWERS, CONTEXT, METRICS, Context
from api.metrics import Metrics
from api.middleware import protect, refuse, watch
from api.pages import STATIC
from api.route import Route
from api.streams import STREAMS, Streams
from api.v1 import calls, changes, events, incidents, kinds, messages, places, reading, repairs, replies, tasks
from incidents.answers.together import AnswersTogether
from notifiers.delivery.open_channels import OpenChannels

INCIDENTS = "/api/v1/incidents"
INCIDENT = "/api/v1/incidents/{incident}"

ROUTES: tuple[Route, ...] = (
    Route("POST", INCIDENTS, incidents.declare_incident, "declare", status=201, creates=True),
    Route("GET", INCIDENTS, incidents.list_all_incidents, "read"),
    Route("POST", f"{INCIDENTS}/preview", incidents.preview_incident, "declare", effect=False),
    Route("POST", "/api/v1/drills", incidents.declare_drill, "drill", status=201, creates=True),
    Route("GET", INCIDENT, incidents.get_incident, "read"),
    Route("POST", f"{INCIDENT}/reports", changes.add_report, "declare", status=201, creates=True),
    Route("POST", f"{INCIDENT}/facts", changes.set_facts, "declare"),
    Route("POST", f"{INCIDENT}/updates", changes.post_update, "desk", status=201, creates=True),
    Route("POST", f"{INCIDENT}/tell", changes.tell_residents, "steer"),
    Route("POST", f"{INCIDENT}/severity", changes.set_severity, "steer"),
    Route("POST", f"{INCIDENT}/place", changes.set_place, "steer"),
    Route("POST", f"{INCIDENT}/notes", changes.add_note, "desk", status=201, creates=True),
    Route("POST", f"{INCIDENT}/confirmations", changes.give_confirmation, "confirm"),
    Route("POST", f"{INCIDENT}/answers", changes.write_answer, "answer", status=201, creates=True),
    Route("POST", f"{INCIDENT}/resolve", changes.resolve_incident, "steer"),
    Route("POST", f"{INCIDENT}/reopen", changes.reopen_incident, "steer"),
    Route("POST", f"{INCIDENT}/close", changes.close_incident, "steer"),
    Route("POST", f"{INCIDENT}/cancel", changes.cancel_incident, "steer"),
    Route("GET", f"{INCIDENT}/timeline", reading.read_timeline, "read"),
    Route("GET", f"{INCIDENT}/deliveries", reading.list_deliveries, "read"),
    Route("GET", f"{INCIDENT}/reach", reading.read_reach, "read"),
    Route("GET", f"{INCIDENT}/tasks", tasks.list_incident_tasks, "read"),
    Route("GET", f"{INCIDENT}/calls", calls.list_calls, "desk"),
    Route("GET", f"{INCIDENT}/events", events.stream_events, "read", streams=True),
    Route("GET", "/api/v1/tasks", tasks.list_tasks, "read"),
    Route("POST", "/api/v1/tasks/{task}", tasks.complete_task, "desk"),
    Route("POST", "/api/v1/calls", calls.finish_call, "desk"),
    Route("POST", "/api/v1/messages/{message}/stop", messages.stop_message, "steer"),
    Route("POST", "/api/v1/repairs", repairs.hand_on_repair, "desk", status=201, creates=True),
    Route("POST", "/api/v1/audience/preview", places.preview_audience, "read", effect=False),
    Route("GET", "/api/v1/places", places.search_places, "read"),
    Route("GET", "/api/v1/kinds", kinds.list_kinds, "read"),
    Route("GET", "/api/v1/replies", replies.list_unmatched_replies, "read"),
)


def make_app(context: Context) -> web.Application:
    """The web application; whoever starts it runs `context.wakeups.listen()` beside it."""
    app = web.Application(middlewares=[watch, refuse])
    app[CONTEXT] = context
    app[METRICS] = Metrics()
    app[STREAMS] = Streams()
    app[ANSWERS] = AnswersTogether(context.database, context.wakeups)
    app[OPEN_CHANNELS] = OpenChannels(context.database, context.secrets, context.settings.public_url)
    app.on_response_prepare.append(protect)
    app.on_shutdown.append(_end_streams)
    app.on_cleanup.append(_close_channels)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, endpoint(route))
    app.router.add_post("/hooks/{key}/{what}", receive_hook)
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


async def _close_channels(app: web.Application) -> None:
    await app[OPEN_CHANNELS].close()
