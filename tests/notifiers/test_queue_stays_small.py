"""However many messages went through it, the queue is as small as what is in it."""

from notifiers.channels.shape import Accepted
from notifiers.delivery import fan_out
from tests.notifiers.steps import came, finish, post, take
from tests.notifiers.town import MOBILE, Town, alert, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Lane, Wakeups

QUEUE = ("delivery", "delivery_range")
PEOPLE = 60
MESSAGES = 20


async def test_after_twenty_messages_to_many_the_queue_is_no_larger_than_after_two(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-1")
    people = [await town.engineer(number) for number in range(PEOPLE)]
    for number in range(PEOPLE):
        resident = await town.person(kind="resident")
        await town.contact(resident, MOBILE.format(1000 + number))
        await town.lives(resident, home)
    sizes = []
    for number in range(MESSAGES):
        await post(database, town, alert(*people, key=f"call#{number}"))
        await post(database, town, broadcast(home, key=f"tell#{number}"))
        await fan_out.run_once(database, Wakeups(database), town.community)
        assert await _goes_out(database, town, sms, "alert") == await _goes_out(database, town, sms, "urgent") == PEOPLE
        # What PostgreSQL does by itself once a fiftieth of them is dead, which the tests' does not.
        await town.owner.execute(f"VACUUM {', '.join(QUEUE)}")
        sizes.append(
            await town.owner.fetchval("SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest($1::text[]) AS name", QUEUE)
        )
    assert sizes[-1] <= sizes[1] * 1.2, sizes
    settings = await town.owner.fetch("SELECT reloptions FROM pg_class WHERE relname = ANY ($1::text[])", QUEUE)
    assert all("autovacuum_vacuum_scale_factor=0.02" in row["reloptions"] for row in settings) and len(settings) == len(QUEUE)


async def _goes_out(database: Database, town: Town, channel: int, lane: Lane) -> int:
    """Everything of a lane is claimed and accepted, some at a time; how many."""
    gone = 0
    while claimed := await take(database, town, channel, room=30, lane=lane):
        await finish(database, town, *(came(one, Accepted()) for one in claimed))
        gone += len(claimed)
    return gone
