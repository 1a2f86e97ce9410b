"""What the owners' committee may read of an incident: no names, no homes, no numbers, nobody's health, and nobody's own words.

Only what is listed here is said. Events hold ids and codes; what is said of them is made of the playbook's titles, of posts and of our own
words. Details (names, numbers, people's words, what the desk wrote) are not looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.console.timeline_words import Record
from api.console.words import Speaker
from incidents.views.lists import EventView
from people.places import Place, ancestor_of_kind
from tocsin.base.database import Tx

SAID = frozenset(
    {
        "declared", "alert", "nobody_on_duty", "all_ways_failed", "answered", "broadcast", "morning", "update_sent", "told_by_desk",
        "message_corrected", "correction", "task_done", "confirmed", "severity", "place_changed", "child_opened", "child_closed",
        "red", "resolved", "reopened", "closed", "cancelled", "merged", "merged_into",
    }
)  # fmt: skip
"""Kinds of events with words of their own under console.committee.event; every other kind is left out."""
NEWS_OVERDUE = "news_overdue"
NOT_A_DOOR = frozenset({"community", "building", "unit", "facility"})


@dataclass(frozen=True, slots=True)
class CommitteeLine:
    """One thing that was done, and when it happened; `last` where it was done `times` times."""

    at: datetime
    words: str
    times: int = 1
    last: datetime | None = None


async def place_without_home(tx: Tx, place: Place) -> Place | None:
    """The place, or the building around a home or a floor; None where there is none."""
    return place if place.kind in NOT_A_DOOR else await ancestor_of_kind(tx, place.id, "building")


def read_for_committee(record: Record, events: Sequence[EventView]) -> list[CommitteeLine]:
    """What was done, in order of when it was first done: a ladder that rings on every five minutes is one line."""
    posts = _posts(record.speak, events)
    lines: dict[str, CommitteeLine] = {}
    for one in events:
        if one.kind in SAID:
            words = _words(record, one, posts)
            before = lines.get(words)
            lines[words] = (
                replace(before, times=before.times + 1, last=one.happened_at) if before else CommitteeLine(one.happened_at, words)
            )
    return list(lines.values())


def _posts(speak: Speaker, events: Sequence[EventView]) -> dict[tuple[str, int], str]:
    """As what somebody was alerted: by alert and person."""
    return {
        (event.body["alert"], person): _post(speak, event.body)
        for event in events
        if event.kind == "alert"
        for person in event.body["persons"]
    }


def _post(speak: Speaker, alert: Mapping[str, Any]) -> str:
    return speak.say("console.comma").join(
        speak.role(one.get("role"), one.get("department"), one.get("tier")) for one in alert.get("who", ())
    )


def _words(record: Record, event: EventView, posts: Mapping[tuple[str, int], str]) -> str:
    speak, body = record.speak, event.body
    happened = body.get("event", {})
    post = _post(speak, body) if event.kind == "alert" else posts.get((happened.get("alert", ""), happened.get("person", 0)), "")
    need = record.playbook.needs.get(str(happened.get("name")))
    key = f"console.committee.event.{event.kind}"
    if event.kind == "answered":
        key += f".{happened['answer']}"
    elif event.kind == "alert" and not body["persons"]:
        key += ".nobody"
    elif event.kind == "red" and body.get("key") == NEWS_OVERDUE:
        key += f".{NEWS_OVERDUE}"
    elif event.kind == "broadcast" and body.get("night") != "send":
        key += ".held"
    return speak.say(
        key,
        post=post or speak.say("console.committee.staff"),
        step=record.step(
            body.get("alert") or body.get("task") or body.get("step") or happened.get("alert") or happened.get("task")
            or (body.get("variables") or {}).get("alert") or (body.get("variables") or {}).get("task") or body.get("id")
        ),
        need=need.title[speak.language] if need else "",
        severity=speak.coded("console.severity", body.get("to")),
    )  # fmt: skip
