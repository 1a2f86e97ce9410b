"""What the one place box may mean for a kind: the places where it can happen, the likeliest first."""

from dataclasses import dataclass

from incidents.desk.declare import engine_place_kind
from people.places import Place, find_places, name_of
from playbooks.language.model import Playbook
from tocsin.base.database import Tx

MOST = 8
FACILITY_KINDS = ("elevator", "pump_room", "garage", "substation", "gate", "other")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One place to choose; `key` is the digit that chooses it."""

    id: int
    key: str
    name: str
    code: str
    rescue_code: str


async def suggest(tx: Tx, playbook: Playbook | None, text: str, language: str) -> list[Suggestion]:
    """Places that `text` may mean, in the order in which the playbook names its kinds of place; all kinds without a playbook."""
    if not text:
        return []
    found: dict[int, Place] = {}
    for kind in playbook.place_kinds if playbook else ():
        filter_ = {"facility_kind": kind} if kind in FACILITY_KINDS else {"kind": kind}
        for place in await find_places(tx, text, limit=MOST, **filter_):
            found.setdefault(place.id, place)
    if not found:
        found = {place.id: place for place in await find_places(tx, text, limit=MOST) if _fits(playbook, place)}
    return [show_place(place, language, str(position)) for position, place in enumerate(list(found.values())[:MOST], start=1)]


def show_place(place: Place, language: str, key: str = "") -> Suggestion:
    """A place as a choice."""
    return Suggestion(place.id, key, name_of(place, language), place.code, place.rescue_code or "")


def _fits(playbook: Playbook | None, place: Place) -> bool:
    return playbook is None or not playbook.place_kinds or engine_place_kind(place) in playbook.place_kinds
