"""POST /hooks/<key>/<what>: the key says which gateway, the gateway's channel says whether it is really it and what it means.

Every receipt and every reply is recorded in a transaction of its community, and a reply is applied in that same transaction. What
makes no sense is counted and logged and does not fail the rest; only when it could not be stored is the gateway asked to come again.
"""

from dataclasses import replace

from aiohttp import web

from api.auth.tokens import belongs_to
from api.endpoint import read_bytes
from api.errors import HookForgedError, HookUnknownError
from api.keys import CONTEXT, METRICS, OPERATION, Context
from incidents.answers.replies import answer_reply
from notifiers.channels.shape import (
    Channel,
    HookReading,
    HookRefusedError,
    HookRequest,
    ReceiptIn,
    ReplyIn,
)
from notifiers.delivery import receipts, replies
from notifiers.delivery.open_channels import OpenChannels
from notifiers.errors import ReferenceWrongError
from notifiers.gateways import Gateway, gateway_by_hook_key
from notifiers.links import read_reference
from people.errors import AddressWrongError
from people.persons import normalise_phone
from tocsin.base.logs import logger

OPEN_CHANNELS: web.AppKey[OpenChannels] = web.AppKey("open_channels", OpenChannels)
BODY_LIMIT = 64 * 1024
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
    for receipt in reading.receipts:
        metrics.hooks.labels("receipt", await _receipt(context, gateway, receipt)).inc()
    for reply in reading.replies:
        evidence = "voice" if channel.abilities.medium == "voice" else "sms"
        metrics.hooks.labels("reply", await _reply(context, gateway, reply, evidence=evidence)).inc()
    if reading.not_understood:
        metrics.hooks.labels("entry", "nonsense").inc(reading.not_understood)
        log.warning("hook_not_understood", gateway=gateway.id, entries=reading.not_understood)
    return _answer(reading)


def _read(request: web.Request, channel: Channel, raw: bytes) -> HookReading:
    posted = HookRequest(
        request.match_info["what"], request.headers, request.query, raw,
        raw_query=request.rel_url.raw_query_string, peer=request.remote or "",
    )  # fmt: skip
    try:
        return channel.read_hook(posted)
    except HookRefusedError:
        raise HookForgedError() from None


def _answer(reading: HookReading) -> web.Response:
    if isinstance(reading.answer, str):
        return web.Response(text=reading.answer, content_type=reading.answer_type)
    return web.json_response(dict(reading.answer))


async def _receipt(context: Context, gateway: Gateway, receipt: ReceiptIn) -> str:
    """Record one receipt: 'new', 'repeated', or 'nonsense' when it names no delivery of this gateway's company."""
    community_id = await _community_of(context, gateway, receipt.reference)
    if community_id is None:
        log.warning("receipt_of_nothing", gateway=gateway.id, reference=receipt.reference[:60])
        return "nonsense"
    async with context.database.community(community_id) as tx:
        new = await receipts.record(tx, gateway.id, receipt)
        context.wakeups.after_commit(tx, "receipts")
    return "new" if new else "repeated"


async def _reply(context: Context, gateway: Gateway, reply: ReplyIn, *, evidence: str) -> str:
    """Record one reply and apply it; what became of it, in a word."""
    reply = replace(reply, address=_as_stored(reply.address))
    community_id = await _community_of(context, gateway, reply.reference) if reply.reference else None
    if reply.reference is None:
        community_id = await replies.community_of(context.database, context.secrets, gateway.id, reply)
    if community_id is None:
        log.warning("reply_of_nobody", gateway=gateway.id)
        return "nonsense"
    async with context.database.community(community_id) as tx:
        recorded = await replies.record(tx, context.secrets, gateway.id, reply)
        taken = await answer_reply(tx, context.wakeups, recorded, "voice" if evidence == "voice" else "sms")
        context.wakeups.after_commit(tx, f"page:{community_id}")
    return taken.outcome


def _as_stored(address: str) -> str:
    """The number as our tables have it: gateways leave the country code out. What is no number stays as it is."""
    try:
        return normalise_phone(address)
    except AddressWrongError:
        return address


async def _community_of(context: Context, gateway: Gateway, reference: str) -> int | None:
    """The community that a reference names, if it is one of the gateway's company."""
    try:
        community_id = read_reference(reference).community_id
    except ReferenceWrongError:
        return None
    async with context.database.floor() as tx:
        known = await belongs_to(tx, community_id=community_id, company_id=gateway.company_id)
    return community_id if known else None
