"""/hooks/<key>/<what>: the key says which gateway, the gateway's channel says whether it is really it and what it means.

Providers post to it; some try the address first, by GET.

Every receipt and every reply is recorded in a transaction of its community, and a reply is applied in that same transaction. What
makes no sense is counted and logged and does not fail the rest; only when it could not be stored is the gateway asked to come again.
"""

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from api.auth.tokens import belongs_to
from api.endpoint import read_bytes
from api.errors import HookForgedError, HookUnknownError, UnavailableError
from api.keys import CONTEXT, METRICS, OPERATION, Context
from incidents.answers.replies import ReplyTaken, SaidBy, answer_reply
from notifiers.channels.shape import (
    Channel,
    HookReading,
    HookRefusedError,
    HookRequest,
    ReplyIn,
)
from notifiers.delivery import replies
from notifiers.delivery.gateway_refs import SeveralError, as_stored, find_delivery
from notifiers.delivery.incoming import take_receipts
from notifiers.delivery.open_channels import OpenChannels
from notifiers.errors import ReferenceWrongError
from notifiers.gateways import Gateway, gateway_by_hook_key
from notifiers.links import read_reference
from tocsin.base.logs import logger

OPEN_CHANNELS: web.AppKey[OpenChannels] = web.AppKey("open_channels", OpenChannels)
BODY_LIMIT = 64 * 1024
_EVIDENCE: Mapping[str, SaidBy] = {"voice": "voice", "chat": "chat"}
log = logger("hooks")


async def receive_hook(request: web.Request) -> web.Response:
    """What a gateway says of its own accord; answered in the gateway's own words."""
    request[OPERATION] = "receive_hook"
    context = request.app[CONTEXT]
    async with context.database.floor() as tx:
        gateway = await gateway_by_hook_key(tx, request.match_info["key"])
    if gateway is None:
        raise HookUnknownError()
    raw = await read_bytes(request, BODY_LIMIT)
    channel = await request.app[OPEN_CHANNELS].of(gateway.id)
    reading = _read(request, channel, raw)
    metrics = request.app[METRICS]
    taken = await take_receipts(context.database, context.wakeups, gateway.id, reading.receipts)
    for word, count in taken.items():
        metrics.hooks.labels("receipt", word).inc(count)
    evidence, words = _EVIDENCE.get(channel.abilities.medium, "sms"), ""
    for reply in reading.replies:
        became = await _reply(context, gateway, reply, evidence=evidence, shown=reading.said_back is not None)
        metrics.hooks.labels("reply", "nonsense" if became is None else became.outcome).inc()
        words = words if became is None else became.words
    if taken["ambiguous"]:
        # What nobody can tell apart now, the gateway's own answer to the send will: it may say it again in a while.
        raise UnavailableError()
    if reading.not_understood:
        metrics.hooks.labels("entry", "nonsense").inc(reading.not_understood)
        log.warning("hook_not_understood", gateway=gateway.id, entries=reading.not_understood)
    return _answer(reading, words)


def _read(request: web.Request, channel: Channel, raw: bytes) -> HookReading:
    posted = HookRequest(
        request.match_info["what"], request.headers, request.query, raw,
        raw_query=request.rel_url.raw_query_string, peer=request.remote or "",
    )  # fmt: skip
    try:
        return channel.read_hook(posted)
    except HookRefusedError:
        raise HookForgedError() from None


def _answer(reading: HookReading, words: str) -> web.Response:
    if isinstance(reading.answer, str):
        return web.Response(text=reading.answer, content_type=reading.answer_type)
    return web.json_response(dict(reading.said_back(words) if reading.said_back is not None and words else reading.answer))


async def _reply(context: Context, gateway: Gateway, reply: ReplyIn, *, evidence: SaidBy, shown: bool) -> ReplyTaken | None:
    """Record one reply and apply it; what became of it, None where nobody can say in which community."""
    reply = replace(reply, address=as_stored(reply.address), reference=reply.reference or await _reference_of(context, gateway, reply))
    community_id = await _community_of(context, gateway, reply.reference) if reply.reference else None
    if reply.reference is None:
        community_id = await replies.community_of(context.database, context.secrets, gateway.id, reply)
    if community_id is None:
        log.warning("reply_of_nobody", gateway=gateway.id)
        return None
    async with context.database.community(community_id) as tx:
        recorded = await replies.record(tx, context.secrets, gateway.id, reply)
        taken = await answer_reply(tx, context.wakeups, recorded, evidence, shown=shown)
        context.wakeups.after_commit(tx, f"page:{community_id}")
    return taken


async def _reference_of(context: Context, gateway: Gateway, reply: ReplyIn) -> str | None:
    """The message that a gateway's own id names; None where it gives none, or one that is not known: then the number has to do."""
    if not reply.gateway_ref:
        return None
    try:
        found = await find_delivery(context.database, gateway.id, gateway_ref=reply.gateway_ref, address=reply.address)
    except SeveralError:
        return None
    return None if found is None else found.reference


async def _community_of(context: Context, gateway: Gateway, reference: str) -> int | None:
    """The community that a reference names, if it is one of the gateway's company."""
    try:
        community_id = read_reference(reference).community_id
    except ReferenceWrongError:
        return None
    async with context.database.floor() as tx:
        known = await belongs_to(tx, community_id=community_id, company_id=gateway.company_id)
    return community_id if known else None
