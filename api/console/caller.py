"""Who is on the line: from the address of the page, where the telephone names the number, and from the form's fields."""

import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from api.console.visit import Visit
from incidents.desk.callers import (
    Caller,
    CallerHome,
    EarlierCall,
    UnsureReport,
    earlier_calls,
    homes_of,
    name_home,
    unsure_reports,
    who_calls,
)
from incidents.desk.reports import Reporter, Source, Wish
from incidents.errors import HappenedLaterError
from people.errors import AddressWrongError, PlaceUnknownError
from people.persons import normalise_phone, person_by_phone
from people.places import Place, get_place, match_places, name_of

LONGEST_CALL_BACK_MINUTES = 24 * 60
CUT_OFF_CALL_BACK_MINUTES = 5
LONGEST_ANSWER_HOURS = 7 * 24
HOME_KEYS = ("F2", "F3", "F4", "F6", "F7")
"""They act while the place is being typed. F1, F5, F11 and F12 belong to the browser, F8 leads to the room. More homes than keys
are typed, not searched."""
NOT_LISTED = "none"
NOT_LISTED_KEY = "F9"


@dataclass(frozen=True, slots=True)
class HomeChoice:
    """A home that the number may stand for; `key` chooses it."""

    key: str
    id: int
    name: str
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What this household called about before; `nth`: which call this is. `due` is the last promise, `open` while it waits."""

    nth: int
    number: int
    due: datetime | None
    called_back_at: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class OnTheLine:
    """The caller as the page shows them. `said` (what the telephone said) and `home` ("" nobody said, an id, or NOT_LISTED) go from page to
    page; `phone` is '' where the number is withheld."""

    said: str
    phone: str
    home: str
    name: str
    home_place: Place | None
    home_name: str
    choices: tuple[HomeChoice, ...]
    homes: int
    earlier: Earlier | None


@dataclass(frozen=True, slots=True)
class ShownUnsure:
    """A report whose home is asked for."""

    report: UnsureReport
    choices: tuple[HomeChoice, ...]
    homes: int


def fold(text: str) -> str:
    """Full-width digits and signs as half-width, as a Chinese input method leaves them."""
    return unicodedata.normalize("NFKC", text).strip()


def dialled(said: str) -> str:
    """What the telephone said, where it is a number at all: "anonymous" and the like are withheld."""
    return said if any(character.isdigit() for character in said) else ""


def whole_number(text: str) -> int:
    """A whole number from a form; 0 when it is none."""
    folded = fold(text)
    return int(folded) if folded.isascii() and folded.isdecimal() and len(folded) < 19 else 0


async def on_the_line(visit: Visit) -> OnTheLine | None:
    """Who rings, from ?from= and ?home=; None where the telephone says nothing. "anonymous" and whatever else has no digits is withheld.

    A desk at which nobody is signed on is no directory: there a number stays a number, and its home is found when the form is sent.
    """
    said, home = fold(visit.query("from")), visit.query("home")
    if not said and not home:
        return None
    phone = dialled(said)
    if not visit.session.is_named:
        return OnTheLine(said, phone, "", "", None, "", (), 0, None)
    found = await person_by_phone(visit.tx, phone) if phone else []
    caller = who_calls(found, whole_number(home) or None, not_listed=home == NOT_LISTED)
    place = await _home(visit, caller.home_id)
    homes = homes_of(found)
    return OnTheLine(
        said=said,
        phone=phone,
        home=home if place or home == NOT_LISTED else "",
        name=caller.name or (_names_at(homes, caller) if place else ""),
        home_place=place,
        home_name=name_of(place, visit.language) if place else "",
        choices=_choices(homes, visit.language) if len(homes) > 1 else (),
        homes=len(homes),
        earlier=await _earlier(visit, phone, caller.home_id),
    )


def _choices(homes: list[CallerHome], language: str) -> tuple[HomeChoice, ...]:
    return tuple(
        HomeChoice(key, one.home_id, one.names.get(language) or one.code, tuple(name for _, name in one.persons))
        for key, one in zip(HOME_KEYS, homes, strict=False)
    )


def _names_at(homes: list[CallerHome], caller: Caller) -> str:
    here = next((one for one in homes if one.home_id == caller.home_id), None)
    return " / ".join(name for _, name in here.persons) if here else ""


async def _home(visit: Visit, home_id: int | None) -> Place | None:
    if home_id is None:
        return None
    with suppress(PlaceUnknownError):
        place = await get_place(visit.tx, home_id)
        return place if place.kind == "home" else None
    return None


async def whose_homes(visit: Visit, incident_id: int) -> list[ShownUnsure]:
    """The reports of an incident whose home the desk has yet to say; keys choose for the first of them. Names are for whoever is signed on."""
    shown: list[ShownUnsure] = []
    if not visit.session.is_named:
        return shown
    for one in await unsure_reports(visit.tx, incident_id):
        homes = homes_of(await person_by_phone(visit.tx, one.caller_phone)) if one.caller_phone else []
        choices = _choices(homes, visit.language)
        shown.append(ShownUnsure(one, tuple(replace(choice, key="") for choice in choices) if shown else choices, len(homes)))
    return shown


async def do_name_home(visit: Visit, incident_id: int) -> None:
    """POST /i/{number}/caller: the home that was chosen or typed; raises PlaceUnknownError for what is none, or may be several."""
    typed, chosen = fold(visit.field("caller_home")), visit.field("home")
    home_id = whole_number(chosen) or None
    if chosen != NOT_LISTED and home_id is None:
        home = await home_of_words(visit, typed) if typed else None
        if home is None:
            raise PlaceUnknownError(field="/home", value=typed[:80])
        home_id = home.id
    await name_home(visit.desk, incident_id, whole_number(visit.field("report")), home_id)


async def _earlier(visit: Visit, phone: str, home_id: int | None) -> Earlier | None:
    number: str | None = None
    with suppress(AddressWrongError):
        number = normalise_phone(phone) if phone else None
    calls = await earlier_calls(visit.tx, number, home_id)
    if not calls:
        return None
    promised = next((one for one in calls if _waits(one)), next((one for one in calls if one.due is not None), None))
    last = promised or calls[0]
    return Earlier(
        nth=len(calls) + 1,
        number=last.number,
        due=last.due,
        called_back_at=last.called_back_at,
        is_open=_waits(last),
    )


def _waits(call: EarlierCall) -> bool:
    return call.due is not None and call.called_back_at is None and call.unreachable_at is None


async def reporter_of(visit: Visit) -> Reporter | None:
    """The reporter whom the form describes, None when nothing was filled in.

    The home is the one that was chosen, the one that was typed, or the only one of the number; a form is never refused for it: where it is
    not certain the incident's page asks, and what was typed is kept with the words.
    """
    name, phone, words = visit.field("caller_name"), fold(visit.field("caller_phone")), visit.field("words")
    typed = fold(visit.field("caller_home"))
    if not (name or phone or words or typed or visit.field("report")):
        return None
    caller, not_found = await _caller_of(visit, phone, typed, visit.field("home"))
    minutes = fold(visit.field("call_back_minutes"))
    hours = min(whole_number(visit.field("answer_hours")), LONGEST_ANSWER_HOURS)
    return Reporter(
        name=name or caller.name,
        phone=phone or None,
        home_id=caller.home_id,
        person_id=caller.person_id,
        source=_source(visit.field("source")),
        words=" ".join(part for part in (words, f"[{typed}]" if not_found else "") if part),
        wish=_wish(visit.field("wish")),
        call_back_minutes=min(int(minutes), LONGEST_CALL_BACK_MINUTES) if minutes.isdecimal() and len(minutes) < 5 else None,
        owner=visit.field("owner")[:200] or None,
        answer_minutes=hours * 60 or None,
        home_unsure=caller.unsure or not_found,
        happened_at=happened_at(visit),
    )


def happened_at(visit: Visit) -> datetime | None:
    """When it happened, by the community's clock on the wall, where it is written down afterwards; raises HappenedLaterError."""
    said = fold(visit.field("happened_at"))
    if not said:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise HappenedLaterError(value=said[:40]) from None
    at = at.replace(tzinfo=visit.clocks.zone) if at.tzinfo is None else at
    if at > visit.tx.now:
        raise HappenedLaterError(value=said[:40])
    return at


async def reporter_of_draft(visit: Visit, typed: Mapping[str, str]) -> Reporter:
    """Whoever was cut off: heard of nothing yet, and is promised to be rung."""
    phone = dialled(fold(typed.get("caller_phone") or typed.get("from", "")))
    home = fold(typed.get("caller_home", ""))
    caller, not_found = await _caller_of(visit, phone, home, typed.get("home", ""))
    words = " ".join(part for part in (typed.get("words", ""), typed.get("q", ""), f"[{home}]" if not_found else "") if part)
    return Reporter(
        name=typed.get("caller_name") or caller.name, phone=phone or None, home_id=caller.home_id, person_id=caller.person_id, words=words,
        call_back_minutes=CUT_OFF_CALL_BACK_MINUTES, told=False, home_unsure=caller.unsure or not_found,
    )  # fmt: skip


async def _caller_of(visit: Visit, phone: str, typed: str, chosen: str) -> tuple[Caller, bool]:
    """Who it is, and whether a home was typed that is none."""
    found = await person_by_phone(visit.tx, phone) if phone else []
    if typed:
        home = await home_of_words(visit, typed)
        return (who_calls(found, home.id), False) if home else (Caller(), True)
    place = await _home(visit, whole_number(chosen) or None)
    return who_calls(found, place.id if place else None, not_listed=chosen == NOT_LISTED), False


async def home_of_words(visit: Visit, typed: str) -> Place | None:
    """The one home that these words may mean; None where it is none, or may be several."""
    found = await match_places(visit.tx, typed, kind="home")
    whole = [place for place, match in found if match == "whole"]
    meant = whole or [place for place, _ in found]
    return meant[0] if len(meant) == 1 else None


def _source(sent: str) -> Source:
    return next((known for known in get_args(Source) if known == sent), "phone")


def _wish(sent: str) -> Wish:
    return next((known for known in get_args(Wish) if known == sent), "inform")
