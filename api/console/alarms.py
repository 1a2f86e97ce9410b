"""What an open page should make heard: what is new, what was answered, and what sounds until somebody touches the desk or answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from api.console.page import Clocks
from api.console.visit import Visit
from incidents.desk.drafts import Draft, open_drafts
from incidents.views.calls import calls_to_make
from incidents.views.lists import IncidentView, open_incidents, tasks
from incidents.views.promises import OpenCallBack, open_call_backs
from notifiers.delivery.by_hand import CallToMake

SILENT_AFTER = timedelta(seconds=60)
"""Nobody has taken an incident so long after it was declared: also whoever has another page open should hear it."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Sounds from `at` for as long as it is listed, or until somebody touches the desk; another `id` sounds again."""

    id: str
    at: datetime


async def list_alarms(visit: Visit) -> web.Response:
    """GET /console/alarms: as data for the sound's script."""
    views = await open_incidents(visit.tx)
    calls = [call for view in views for call in await calls_to_make(visit.tx, view)]
    helps = [f"help-{one.id}" for one in await tasks(visit.tx) if "help" in one.does]
    drafts = await open_drafts(visit.tx) if visit.session.may("declare") else []
    promised = await open_call_backs(visit.tx) if visit.session.may("desk") else []
    found = [
        *silent(views), *(Alarm(one, visit.tx.now) for one in helps), *to_call(calls, visit.tx.now), *of_drafts(drafts), *late(promised)
    ]  # fmt: skip
    return web.json_response(
        {
            "new": [f"incident-{one.summary.id}" for one in views],
            "answered": [f"held-{one.summary.id}-{len(one.holders)}" for one in views if one.holders],
            "alarms": [{"id": one.id, "at": Clocks.iso(visit.clocks, one.at)} for one in found],
        },
        headers={"Cache-Control": "no-store"},
    )


def silent(views: list[IncidentView]) -> list[Alarm]:
    """Open incidents that nobody has taken."""
    return [
        Alarm(f"silent-{one.summary.id}", one.summary.declared_at + SILENT_AFTER)
        for one in views
        if one.summary.status == "open" and not one.holders
    ]


def to_call(calls: list[CallToMake], now: datetime) -> list[Alarm]:
    """Calls that the desk must dial."""
    return [Alarm(f"call-{one.message_id}-{one.no}", now) for one in calls]


def of_drafts(drafts: list[Draft]) -> list[Alarm]:
    """Calls that were taken and not decided: when they ask, and again when they are red."""
    asked = [Alarm(f"draft-{one.id}-{one.asks_at.timestamp():.0f}", one.asks_at) for one in drafts]
    return [*asked, *(Alarm(f"draft-{one.id}-{one.red_at.timestamp():.0f}-red", one.red_at) for one in drafts)]


def late(promised: list[OpenCallBack]) -> list[Alarm]:
    """Calls back that were promised, from when they are due."""
    return [Alarm(f"call-back-{one.incident_id}-{one.no}-{one.tries}", one.due) for one in promised]
