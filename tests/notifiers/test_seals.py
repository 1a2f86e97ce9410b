"""Two statements seal. Whatever is meant, both write the same."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress

import asyncpg
import orjson
import pytest

from notifiers.announcements import (
    Announcement,
    Audience,
    HeldBy,
    Homes,
    People,
    PriorityIn,
    ResidentsOf,
    ServedBy,
    To,
    ToldBy,
    announce,
    announce_all,
)
from notifiers.delivery.sealing import seals
from notifiers.delivery.sealing.meant import Meant, MeantUnreadableError, read_meant
from tests.notifiers.town import MOBILE, Town, announcement, broadcast
from tocsin.base.database import Database


async def test_few_are_sealed_together_just_as_many_are_each_by_themselves(
    database: Database, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two statements seal: one for several messages to few, one for a message to many. To the same people they do the same."""
    chance = random.Random(20)
    homes, people, told, held = await a_house_of_all_kinds(database, town, chance)
    everybody = [*people, chance.choice(people), 99_999_999]
    lift = await town.owner.fetchval("SELECT facility_id FROM serves")
    parts: list[Callable[[], Audience]] = [
        lambda: People(tuple(chance.sample(everybody, 5))), lambda: Homes(tuple(chance.sample(homes, 3))), lambda: ResidentsOf(town.root),
        lambda: ResidentsOf(chance.choice(homes)), lambda: ServedBy(lift), lambda: PriorityIn(town.root, powered_only=chance.random() < 0.5),
        lambda: ToldBy((told,)), lambda: HeldBy((held, told)),
    ]  # fmt: skip
    some = [
        announcement(
            People(()), key=f"x#{number}", kind=chance.choice(("alert", "broadcast", "notice")), lane=chance.choice(("alert", "urgent")),
            audience_kind=chance.choice(("staff", "residents")), life_safety=chance.random() < 0.3,
            to=To(tuple(chance.choice(parts)() for _ in range(chance.randint(1, 3))), but_not_told_by=chance.choice(((told,), (held,), (0,))),
                  without=tuple(chance.sample(people, chance.randint(0, 3))), held=chance.random() < 0.2),
        )
        for number in range(40)
    ]  # fmt: skip
    together = await sealed_rows(database, town, some, one_by_one=False)
    assert together == await sealed_rows(database, town, some, one_by_one=True)
    monkeypatch.setattr(seals, "MANY", 0)
    assert together == await sealed_rows(database, town, some, one_by_one=True)
    kinds = {(row["reach"], row["reason"]) for row in together[0]}
    assert kinds >= {
        ("trying", None),
        ("opted_out", None),
        *(("unreachable", one) for one in ("nobody_known", "no_contact", "wrong_number")),
    }
    assert kinds >= {("excluded", one) for one in ("told_before", "vacant", "held", "not_staff")}


async def a_house_of_all_kinds(database: Database, town: Town, chance: random.Random) -> tuple[list[int], list[int], int, int]:
    """Homes lived in, shared and empty, people with all kinds of addresses and two messages of before: homes, people, who was told, who was held."""
    await town.channel(await town.gateway("http_sms"), "sms")
    await town.channel(await town.gateway("smtp"), "email", rank=1)
    homes = [await town.home(f"3-{number}") for number in range(101, 109)]
    people = [await town.person(kind=("resident", "staff")[number % 4 == 0], language=("zh-CN", "en")[number % 2]) for number in range(16)]
    for number, person in enumerate(people):
        for home in chance.sample(homes[:-1], chance.randint(0, 2)):
            await town.lives(person, home)
        for kind, address in (("mobile", MOBILE.format(number // 2)), ("email", f"box{number}@example.com"))[: number % 3]:
            quality = chance.choice(("good", "wrong", "opted_out"))
            await town.contact(person, address, kind=kind, quality=quality, consent=chance.choice((("emergency", "alert", "notice"), ())))
    await town.occupied_as(homes[0], "vacant")
    await town.owner.execute("UPDATE person SET merged_into = $1 WHERE id = $2", people[0], people[1])
    await town.owner.executemany(
        "INSERT INTO need_of_help VALUES ($1, $2, $3, 'oxygen', 'supervisor')",
        [(town.community, person, number % 2 == 0) for number, person in enumerate(people[5:9])],
    )
    lift = await town.owner.fetchval(
        "INSERT INTO place (community_id, kind, parent_id, parent_kind, code, names, label, rank, facility_kind)"
        " VALUES ($1, 'facility', $2, 'building', '3-L1', '{}', '3-L1', 0, 'elevator') RETURNING id",
        town.community, town.building,
    )  # fmt: skip
    await town.owner.executemany(
        "INSERT INTO serves (community_id, facility_id, place_id) VALUES ($1, $2, $3)",
        [(town.community, lift, home) for home in homes[2:5]],
    )
    async with database.community(town.community) as tx:
        told = await announce(tx, broadcast(*homes[2:4], key="told", life_safety=True))
        held = await announce(tx, broadcast(key="held", to=To(ResidentsOf(town.root), but_not_told_by=(told.message_id,), held=True)))
    return homes, people, told.message_id, held.message_id


async def sealed_rows(
    database: Database, town: Town, some: Sequence[Announcement], *, one_by_one: bool
) -> tuple[list[asyncpg.Record], list[asyncpg.Record], list[asyncpg.Record]]:
    """All that it writes to announce these, one transaction after the other or all in one: members, deliveries, messages, with no number
    that the order gives. Taken back."""
    key = "(SELECT effect_key FROM message AS m WHERE m.id = message_id) AS key"
    with suppress(LookupError):
        async with database.community(town.community) as tx:
            for few in ([one] for one in some) if one_by_one else [some]:
                await announce_all(tx, few)
            members_, deliveries, messages = [
                await tx.connection.fetch(f"SELECT * FROM ({statement}) AS x WHERE key LIKE 'x#%' ORDER BY key, no")
                for statement in (
                    f"SELECT {key}, member_no AS no, person_id, home_id, language, reach, reason, delivery_no, channel_id, contact_point_id,"
                    " address FROM audience_member",
                    f"SELECT {key}, no, lane, channel_id, contact_point_id, person_id, address, language, state FROM delivery",
                    "SELECT effect_key AS key, 0 AS no, size, deliveries, to_fan_out, fanned_out, trying, unreachable, opted_out, excluded,"
                    " confirmed, handed_over, unknown, to_seal, sealed_at IS NOT NULL AS sealed FROM message",
                )
            ]
            raise LookupError("taken back")
    return members_, deliveries, messages


KEPT_TODAY = """{"held": true, "but_not_told_by": [7], "people": [], "residents_of": [3, 4], "served_by": [5], "priority": [], "powered": [6],
"homes": [9, 10], "told_by": [1], "held_by": [2], "without": [8]}"""
"""As it lies in tables since 0046: versions that come after must read it."""


def test_what_an_earlier_version_kept_is_read_and_what_it_did_not_know_means_nobody() -> None:
    kept = orjson.loads(KEPT_TODAY)
    assert read_meant(11, kept) == Meant(
        held=True, but_not_told_by=[7], residents_of=[3, 4], served_by=[5], people=[], priority=[], powered=[6], homes=[9, 10],
        told_by=[1], held_by=[2], without=[8],
    )  # fmt: skip
    assert read_meant(11, {"told_by": [1]}) == Meant(told_by=[1])


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        ({"homes": [9], "in_blocks": [1]}, "in_blocks"),
        ({"homes": "9"}, "homes"),
        ({"homes": [2**63]}, "homes"),
        ({"homes": [True]}, "homes"),
        ({"held": 1}, "held"),
        ({}, "empty"),
        ([9], "object"),
    ],
)
def test_what_cannot_be_read_is_not_guessed_at_and_the_error_names_message_and_field(kept: object, says: str) -> None:
    with pytest.raises(MeantUnreadableError, match=rf"message 11: .*{says}"):
        read_meant(11, kept)
