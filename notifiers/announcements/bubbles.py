"""Shows before the button what will arrive: each text as each channel carries it in each language, by the code of the last mile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notifiers.announcements.forecast import Carried
from notifiers.announcements.model import Text
from notifiers.channels.registry import KINDS
from notifiers.channels.wire.words import under_signature
from notifiers.delivery.lastmile import fill, template_of
from notifiers.delivery.segments import Measure, measure
from notifiers.gateways import ChannelRow


@dataclass(frozen=True, slots=True)
class Bubble:
    """What so many handsets or mailboxes would show. `measure` is None for all but SMS. `needs_template`: the gateway carries registered
    texts only and nobody has registered this one, so that nothing would leave by it."""

    medium: str
    gateway: str
    language: str
    deliveries: int
    subject: str
    text: str
    measure: Measure | None
    needs_template: bool


def bubbles(carried: Sequence[Carried], texts: Mapping[str, Text], channels: Sequence[ChannelRow], sample_link: str) -> list[Bubble]:
    """One for each channel and language that has a text, in the order of the channels. `sample_link` stands where each handset's own will."""
    by_id = {one.id: one for one in channels}
    return [
        _bubble(one, texts[one.language], by_id[one.channel_id], sample_link)
        for one in carried
        if one.deliveries and one.language in texts and one.channel_id in by_id
    ]


def _bubble(carried: Carried, text: Text, channel: ChannelRow, link: str) -> Bubble:
    words = fill(text.text, link=link, code="", name="")
    template = template_of(channel.templates.get(text.key), text.variables, carried.language)
    is_sms = carried.medium == "sms"
    shown = under_signature(carried.signature, words) if is_sms and carried.signature else words
    if carried.medium == "email" and link and link not in words:
        shown = f"{words}\n\n{link}"
    return Bubble(
        carried.medium, carried.gateway, carried.language, carried.deliveries,
        fill(text.subject, link=link, code="", name="") if carried.medium == "email" else "", shown, measure(shown) if is_sms else None,
        KINDS[channel.gateway_kind].registered_only and template is None,
    )  # fmt: skip
