"""Power and water cuts that are known beforehand: written down, announced, reminded of, changed, cancelled, and what to do when one does not end."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from aiohttp import web

from api.console.caller import fold, whole_number
from api.console.page import see_other
from api.console.suggest import only_place, suggest
from api.console.visit import Visit
from api.problems import error_text
from incidents.errors import IncidentsError
from incidents.planned import work
from incidents.planned.notices import Notice, Work, texts_of_notice
from incidents.planned.schedule import EVENING, Kind, What, announcement_at, is_short_notice
from incidents.planned.work import Plan, Window
from incidents.views.planned import PlannedWork, planned_work
from notifiers.announcements.forecast import Forecast
from notifiers.delivery.segments import Measure, measure
from people.places import Place

KINDS: tuple[Kind, ...] = ("power_cut", "water_cut")


@dataclass(frozen=True, slots=True)
class ShownWork:
    """A planned cut with what residents are told of it. `told`: they were."""

    one: PlannedWork
    notices: list[Notice]
    overdue: bool

    def reminder(self, what: What) -> datetime | None:
        """When this reminder is due, or was given; None where there is none."""
        return next((one.due_at for one in reversed(self.notices) if one.what == what and one.dropped_at is None), None)

    @property
    def told(self) -> bool:
        return any(one.message_id is not None for one in self.notices)


@dataclass(frozen=True, slots=True)
class Draft:
    """A planned cut as it is written now. `texts`: its announcement by language, with what it takes as SMS. `fault`: why it cannot be so."""

    kind: Kind
    place: Place | None
    window: Window | None
    by_supplier: bool
    source: str
    texts: list[tuple[str, str, Measure]]
    forecast: Forecast | None
    short: bool
    announced_at: datetime | None
    fault: str


async def show_planned(visit: Visit) -> web.Response:
    """GET /planned"""
    return await _page(visit, None)


async def do_plan(visit: Visit) -> web.Response:
    """POST /planned: look first at what is announced to whom, then write it down."""
    draft = await _read(visit)
    if visit.field("do") != "plan" or draft.fault or draft.place is None or draft.window is None or draft.forecast is None:
        return await _page(visit, draft, 422 if draft.fault else 200)
    if whole_number(visit.field("homes")) != draft.forecast.homes:
        return await _page(visit, replace(draft, fault=visit.say("console.planned.type_again", homes=draft.forecast.homes)), 409)
    await work.plan_work(visit.desk, Plan(draft.kind, draft.place.id, draft.window, draft.by_supplier, draft.source))
    return see_other("/planned")


async def do_planned(visit: Visit) -> web.Response:
    """POST /planned/{planned}: change its times, cancel it, or say that it is over."""
    planned_id, act = whole_number(visit.request.match_info["planned"]), visit.field("do")
    if act == "cancel":
        await work.cancel_work(visit.desk, planned_id)
    elif act in ("restored", "restored_tell"):
        await work.restore_work(visit.desk, planned_id, tell=act == "restored_tell")
    elif act == "declare":
        visit.must("declare")
        return see_other(f"/declare/{(await work.declare_overrun(visit.desk, planned_id)).number}")
    elif act == "change":
        window = _window(visit)
        if window is not None:
            await work.change_work(visit.desk, planned_id, window)
    return see_other("/planned")


async def _read(visit: Visit) -> Draft:
    kind: Kind = "water_cut" if visit.field("kind") == "water_cut" else "power_cut"
    window, by_supplier = _window(visit), visit.field("by") != "own"
    typed = fold(visit.field("q"))
    place = await only_place(visit.tx, typed, visit.language) if typed else None
    draft = Draft(kind, place, window, by_supplier, visit.field("source")[:200], [], None, short=False, announced_at=None, fault="")
    if place is None:
        found = await suggest(visit.tx, None, typed, visit.language)
        names = visit.say("console.comma").join(one.name for one in found)
        key = "console.planned.which" if found else "console.planned.where"
        return replace(draft, fault=visit.say(key, places=names))
    if window is None:
        return replace(draft, fault=visit.say("console.planned.when"))
    try:
        work.check_window(window, visit.tx.now)
    except IncidentsError as problem:
        return replace(draft, fault=error_text(problem.code, visit.language, dict(problem.values)))
    planned = Work(0, kind, place.id, window.starts_at, window.ends_at, "planned", None)
    texts = texts_of_notice(visit.community, place, planned, "announced")
    announced_at = announcement_at(visit.community, window.announce_at or visit.tx.now, window.starts_at)
    return replace(
        draft,
        texts=[(language, one.text, measure(one.text)) for language, one in texts.items()],
        forecast=await work.foresee_work(visit.tx, place.id),
        announced_at=announced_at,
        short=is_short_notice(kind, by_supplier=by_supplier, announced_at=announced_at, starts_at=window.starts_at),
    )


def _window(visit: Visit) -> Window | None:
    """From the form's times on the community's wall; None where one of the two is missing."""
    starts, ends = _instant(visit, "starts"), _instant(visit, "ends")
    if starts is None or ends is None:
        return None
    soon = whole_number(visit.field("soon"))
    evening = _clock(visit.field("evening"))
    return Window(starts, ends, _instant(visit, "announce"), evening, timedelta(minutes=min(soon, 24 * 60)) if soon else None)


def _clock(text: str) -> time | None:
    """A `time` field (19:00); None where it is empty: no reminder then."""
    try:
        return time.fromisoformat(fold(text))
    except ValueError:
        return None


def _instant(visit: Visit, name: str) -> datetime | None:
    """A `datetime-local` field (2026-11-28T09:00) as an instant."""
    try:
        local = datetime.fromisoformat(fold(visit.field(name)))
    except ValueError:
        return None
    return local.replace(tzinfo=visit.clocks.zone) if local.tzinfo is None else local


async def shown_works(visit: Visit) -> list[ShownWork]:
    """What is planned, with its notices; what should be over by now first."""
    found = [ShownWork(one, await work.notices(visit.tx, one.id), one.is_overdue(visit.tx.now)) for one in await planned_work(visit.tx)]
    return sorted(found, key=lambda one: not one.overdue)


async def _page(visit: Visit, draft: Draft | None, status: int = 200) -> web.Response:
    return visit.page(
        "planned.html",
        status,
        works=await shown_works(visit),
        draft=draft,
        kinds=KINDS,
        form=visit.form,
        evening=EVENING.strftime("%H:%M"),
        may={name: visit.session.may(name) for name in ("steer", "declare")},
        languages=visit.community.languages,
        clock=lambda at: at.astimezone(visit.clocks.zone).strftime("%H:%M"),
        local=lambda at: at.astimezone(visit.clocks.zone).strftime("%Y-%m-%dT%H:%M"),
    )
