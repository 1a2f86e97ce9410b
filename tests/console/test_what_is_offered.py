"""The keys of the kinds, and what a typed place may mean for a kind. No browser: the pages only show these."""

from api.console.desk import kind_tiles
from api.console.suggest import suggest
from playbooks.library import load_library
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database

LIBRARY = {one.kind: one for one in load_library()}


def test_a_shipped_kind_keeps_its_key_whatever_a_community_adds() -> None:
    own = [LIBRARY["power_cut"].model_copy(update={"kind": kind}) for kind in ("drone", "bees")]
    for others in ([], own[:1], own):
        keys = {tile.kind: tile.key for tile in kind_tiles([*LIBRARY.values(), *others], "zh-CN")}
        assert {kind: keys[kind] for kind in ("fire", "other_emergency", "gas_smell", "burst_pipe")} == {
            "fire": "2", "other_emergency": "6", "gas_smell": "7", "burst_pipe": "8",
        }  # fmt: skip
        assert len(set(keys.values())) == len(keys)
        assert not any(one != other and one.startswith(other) for one in keys.values() for other in keys.values()), (
            "no key waits for another"
        )


async def test_a_home_typed_for_a_kind_of_larger_places_offers_what_is_around_it(database: Database, small_town: SmallTown) -> None:
    async with database.community(small_town.community_id) as tx:
        for kind, offered in (("burst_pipe", ["3-2", "3"]), ("gas_smell", ["3-2-1502"]), ("power_cut", ["3-2", "3"])):
            found = [one.code for one in await suggest(tx, LIBRARY[kind], "3.2.1502", "zh-CN")]
            assert found == offered, kind
