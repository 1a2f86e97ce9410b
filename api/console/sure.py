"""Says first whom an act would tell, and what: by doing it in a transaction that is not kept.

So what is foreseen is what happens: the same code, the same audience, the same words. While it is foreseen the incident is held, for as long
as doing it takes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from api.console.visit import Rehearsed, Visit
from api.console.words import without_slots
from incidents.views.lists import incident, playbook_of
from incidents.views.message_board import Announced, announced_since, deliveries_waiting, newest_message

NOT_CARRIED = ("csrf", "look")


@dataclass(frozen=True, slots=True)
class WouldTell:
    """One message that it would lead to, in the visitor's language. `homes` of residents, or `persons` of staff; of `held` homes in the morning.
    `unsealable`: nobody can say whose."""

    to_residents: bool
    correction: bool
    homes: int
    persons: int
    held: int
    unsealable: bool
    text: str


async def rehearse(visit: Visit, name: str, incident_ids: Sequence[int], act: Callable[[], Awaitable[object]]) -> web.Response:
    """Do `act`, see what came of it, and raise the page that says so: nothing is kept. `incident_ids`: the one it is about first."""
    view = await incident(visit.tx, incident_ids[0])
    last = await newest_message(visit.tx, incident_ids)
    waiting = await deliveries_waiting(visit.tx, incident_ids, last)
    await act()
    announced = await announced_since(visit.tx, incident_ids, last)
    told = [_shown(visit, one) for one in announced if one.homes or one.persons or one.held_homes or one.unsealable]
    stopped = waiting - await deliveries_waiting(visit.tx, incident_ids, last)
    after = await incident(visit.tx, incident_ids[0])
    page = visit.page(
        "sure.html",
        name=name,
        action=visit.request.path,
        row=view.summary,
        title=(await playbook_of(visit.tx, view.summary)).title[visit.language],
        place=view.place[visit.language],
        new_place=after.place[visit.language] if after.place != view.place else "",
        new_status=after.summary.status if after.summary.status != view.summary.status else "",
        told=told,
        stopped=stopped,
        carried=carried(visit.form),
    )
    raise Rehearsed(page)


def carried(form: Mapping[str, str]) -> dict[str, str]:
    """The fields that go with the act when it is done."""
    return {name: value for name, value in form.items() if name not in NOT_CARRIED}


def _shown(visit: Visit, one: Announced) -> WouldTell:
    text = one.texts.get(visit.language) or next(iter(one.texts.values()), "")
    return WouldTell(
        one.audience == "residents", one.is_correction, one.homes, one.persons, one.held_homes, one.unsealable, without_slots(text)
    )
