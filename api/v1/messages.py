"""Stopping a message that should not go on."""

from api.fields import Shown
from api.route import Call
from api.v1.changes import Empty
from api.v1.shapes import Id
from notifiers.announcements import stop
from notifiers.errors import MessageUnknownError
from tocsin.base.queries import load_queries

SQL = load_queries("api")


class Stopped(Shown):
    """`cancelled` deliveries had not left yet and will not."""

    message: Id
    cancelled: int


async def stop_message(call: Call, body: Empty) -> Stopped:
    """Stop a message: what has not left does not leave."""
    message_id = call.id_of("message")
    if await call.tx.value(SQL.message_exists, call.tx.community, message_id) is None:
        raise MessageUnknownError(value=message_id, id=message_id)
    cancelled = await stop(call.tx, (message_id,))
    call.context.wakeups.after_commit(call.tx, f"page:{call.tx.community}")
    return Stopped(message=str(message_id), cancelled=cancelled)
