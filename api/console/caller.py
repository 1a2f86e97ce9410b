"""Who is on the line, from the form's fields."""

import unicodedata
from typing import get_args

from api.console.visit import Visit
from incidents.desk.reports import Reporter, Source, Wish
from people.persons import person_by_phone

LONGEST_CALL_BACK_MINUTES = 24 * 60
LONGEST_ANSWER_HOURS = 7 * 24


def fold(text: str) -> str:
    """Full-width digits and signs as half-width, as a Chinese input method leaves them."""
    return unicodedata.normalize("NFKC", text).strip()


def whole_number(text: str) -> int:
    """A whole number from a form; 0 when it is none."""
    folded = fold(text)
    return int(folded) if folded.isascii() and folded.isdecimal() and len(folded) < 19 else 0


async def reporter_of(visit: Visit) -> Reporter | None:
    """The reporter whom the form describes; a number that belongs to one home names it. None when nothing was filled in."""
    name, phone, words = visit.field("caller_name"), fold(visit.field("caller_phone")), visit.field("words")
    if not (name or phone or words or visit.field("report")):
        return None
    at_home = await person_by_phone(visit.tx, phone) if phone else []
    only = at_home[0] if len(at_home) == 1 else None
    minutes = fold(visit.field("call_back_minutes"))
    hours = min(whole_number(visit.field("answer_hours")), LONGEST_ANSWER_HOURS)
    return Reporter(
        name=name or (only.name if only else None),
        phone=phone or None,
        home_id=only.home_id if only else None,
        person_id=only.person_id if only else None,
        source=_source(visit.field("source")),
        words=words,
        wish=_wish(visit.field("wish")),
        call_back_minutes=min(int(minutes), LONGEST_CALL_BACK_MINUTES) if minutes.isdecimal() and len(minutes) < 5 else None,
        owner=visit.field("owner")[:200] or None,
        answer_minutes=hours * 60 or None,
    )


def _source(sent: str) -> Source:
    return next((known for known in get_args(Source) if known == sent), "phone")


def _wish(sent: str) -> Wish:
    return next((known for known in get_args(Wish) if known == sent), "inform")
