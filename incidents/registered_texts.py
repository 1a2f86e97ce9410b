"""Every text that may leave for somebody's telephone: from the playbooks in use, and what the service writes of its own."""

import re
from collections.abc import Iterator
from typing import get_args

from incidents.desk.ready_texts import NOTHING_NEW
from incidents.handover.shift_changes import TEXT_KEY as HANDOVER_TEXT
from incidents.planned.schedule import Kind, What
from incidents.plans import kinds
from notifiers.canaries.sending import TEXT_KEY as CANARY_TEXT
from notifiers.registered_texts import DRILL, Needed
from people.communities import get_community
from playbooks.language.model import AlertAction, Playbook, TellAction
from playbooks.longest import LONGEST_PHONE, LONGEST_PLACE, values_of
from tocsin.base.database import Tx
from tocsin.base.texts import catalogue, say

_SLOT = re.compile(r"\{([a-z_]+)\}")
_OWN_FAMILY = "answer."
_LONGEST_OWN = {"at": "22:06", "code": "K77", "codes": "K77, K78, K79", "example": "K771", "others": "x" * 9}
"""The longest values of the slots that only our own texts have; a free text has no longest."""
_LONGEST_DATE = {
    language: (say(language, "planned.date", day=28, month_name=say(language, "planned.month.12")),) for language in ("zh-CN", "en")
}
_FREE_TEXT_LENGTH = 500
_LONGEST_NAME = 12
"""Names of communities are rarely longer."""


async def texts_that_may_be_sent(tx: Tx) -> list[Needed]:
    """Each text in each of the community's languages; those of drills for staff under their own keys."""
    community = await get_community(tx, tx.community)
    playbooks = await kinds(tx)
    needed: list[Needed] = []
    for language in community.languages:
        for playbook in playbooks:
            needed += _of_playbook(playbook, language)
        needed += _our_own(language)
    return needed


def _of_playbook(playbook: Playbook, language: str) -> Iterator[Needed]:
    ringing = {rung.text_key for step in playbook.steps.values() if isinstance(step.action, AlertAction)
               for rung in step.action.rungs if rung.ring_first or rung.ring_after is not None}  # fmt: skip
    for key in sorted(_keys(playbook)):
        text = playbook.texts[key]
        if language in text.by_language:
            slots = {slot: values_of(playbook, slot, language) for slot in text.slots}
            yield Needed(key, language, slots, grave=True, rings=key in ringing)
            yield Needed(DRILL + key, language, slots, grave=False, rings=key in ringing)
    free = "x" * _FREE_TEXT_LENGTH
    yield Needed(f"{playbook.kind}.update", language, {"title": (playbook.title[language],), "text": (free,)}, grave=False)
    spoken = {"place": (LONGEST_PLACE[language],), "title": (playbook.title[language],), "time": (_LONGEST_OWN["at"],)}
    yield Needed(f"{playbook.kind}.{NOTHING_NEW}", language, {**spoken, "phone": (LONGEST_PHONE[language],)}, grave=False)


def _keys(playbook: Playbook) -> set[str]:
    """What is said to telephones; the texts of tasks stay on the desk's screen."""
    keys = {playbook.correction_key, playbook.correction_staff_key}
    for step in playbook.steps.values():
        match step.action:
            case AlertAction():
                keys |= {rung.text_key for rung in step.action.rungs} | {step.action.taken_key, step.action.stand_down_key}
            case TellAction():
                keys |= {key for key in (step.text_key, *(choice.key for choice in step.text_choices)) if key is not None}
    return keys


def _our_own(language: str) -> Iterator[Needed]:
    """What goes back to somebody who answered, and the test messages."""
    texts = {key: text for key, text in catalogue(language).items() if key.startswith(_OWN_FAMILY) and len(text) > 2}
    for key, text in sorted(texts.items()):
        slots = {slot: (_LONGEST_OWN.get(slot, LONGEST_PHONE[language]),) for slot in {*_SLOT.findall(text), "phone"}}
        yield Needed(key, language, slots, grave=False)
    yield Needed(HANDOVER_TEXT, language, {"community": ("x" * _LONGEST_NAME,), "at": (_LONGEST_OWN["at"],), "phone": (LONGEST_PHONE[language],)},
                 grave=False)  # fmt: skip
    window = {"place": (LONGEST_PLACE[language],), "phone": (LONGEST_PHONE[language],), "date": _LONGEST_DATE[language]}
    clocks = {
        "from": (_LONGEST_OWN["at"],),
        "until": (f"{_LONGEST_DATE[language][0]} {_LONGEST_OWN['at']}",),
        "time": (_LONGEST_OWN["at"],),
    }
    for kind in get_args(Kind):
        for what in get_args(What):
            yield Needed(f"planned.{kind}.{what}", language, {**window, **clocks}, grave=False)
    yield Needed("channel_test", language, {}, grave=False)
    yield Needed(CANARY_TEXT, language, {"community": ("x" * _LONGEST_NAME,), "at": (_LONGEST_OWN["at"],)}, grave=False)
