"""What the desk passes on by hand: a poster to print, a text for the owners' group, and who has put them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from api.console.behind_links import asks_safety, plain
from api.console.page import Clocks
from api.console.qr_codes import code_of
from api.console.visit import Visit
from api.console.words import next_news
from incidents.desk.shared import LONGEST_WHERE
from incidents.incident_links import IncidentTarget, make_incident_link
from incidents.views.lists import playbook_of
from incidents.views.open_page import OpenPage, open_page
from incidents.views.shared import shared_by_hand
from playbooks.language.model import Playbook
from tocsin.base.texts import LANGUAGES, say


@dataclass(frozen=True, slots=True)
class Side:
    """The poster's words in one language; `news` is what was told last and when, "" where nothing was."""

    language: str
    title: str
    place: str
    state: str
    since: str
    next_news: str
    news: str
    todo: tuple[str, ...]
    scan: str
    call: str


async def show_poster(visit: Visit) -> web.Response:
    """GET /i/{number}/poster"""
    incident_id = await visit.incident_id()
    target = IncidentTarget(visit.tx.community, incident_id)
    address = f"{visit.context.settings.public_url}/q/{make_incident_link(visit.context.secrets, visit.tx.community, incident_id)}"
    pages = [(language, await open_page(visit.tx, target, language)) for language in _order(visit.community.default_language)]
    playbook = await playbook_of(visit.tx, pages[0][1].view.summary)
    sides = [_side(playbook, page, language) for language, page in pages]
    row = pages[0][1].view.summary
    return visit.page(
        "poster.html",
        number=row.number,
        row=row,
        sides=sides,
        code=code_of(address),
        desk_phone=visit.community.desk_phone,
        texts=[(side.language, group_text(visit.community.names.get(side.language, ""), side, address, visit.clocks)) for side in sides],
        shared=await shared_by_hand(visit.tx, incident_id),
        longest=LONGEST_WHERE,
    )


async def show_status_poster(visit: Visit) -> web.Response:
    """GET /open/poster: a code in the lobby that is right whatever happens."""
    address = f"{visit.context.settings.public_url}/status/{visit.community.status_key}"
    names = [(language, visit.community.names.get(language, "")) for language in _order(visit.community.default_language)]
    return visit.page("status_poster.html", names=names, code=code_of(address), address=address, say=say, phone=visit.community.desk_phone)


def _order(first: str) -> Sequence[str]:
    return sorted(LANGUAGES, key=lambda language: language != first)


def _side(playbook: Playbook, page: OpenPage, language: str) -> Side:
    row, clocks = page.view.summary, Clocks(page.now, ZoneInfo(page.community.zone))
    mark = say(language, "console.drill.mark") if row.drill else ""
    news_by = next_news(row)
    return Side(
        language=language,
        title=mark + page.view.title[language],
        place=page.view.place[language],
        state=say(language, f"resident.state.{row.status}"),
        since=say(language, "resident.since", time=clocks.dated(row.declared_at)),
        next_news=_news_by(language, news_by, clocks),
        news=f"{clocks.time(page.news[0].posted_at)} {plain(page.news[0].text, '', '')}" if page.news else "",
        todo=tuple(line.text[language] for line in playbook.say if line.when is None) if asks_safety(playbook) and not page.over else (),
        scan=say(language, "poster.scan_answer" if asks_safety(playbook) and not page.over else "poster.scan"),
        call=say(language, "poster.call"),
    )


def _news_by(language: str, at: datetime | None, clocks: Clocks) -> str:
    return "" if at is None or at <= clocks.now else say(language, "resident.next_news", time=clocks.time(at))


def group_text(community: str, side: Side, address: str, clocks: Clocks) -> str:
    """At most three lines and a signature, to be posted in a group by hand: what and where, what was told last, where to look."""
    head = say(side.language, "poster.group.head", title=side.title, place=side.place, since=side.since, state=side.state)
    look = say(side.language, "poster.group.look", address=address)
    signed = say(side.language, "poster.group.signed", time=clocks.dated(clocks.now), community=community)
    return "\n".join(filter(None, [f"{head} {side.next_news}".strip(), side.news, look, signed]))
