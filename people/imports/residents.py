"""Lists of homes and residents, chunk by chunk."""

from collections.abc import Sequence
from typing import cast

from people.imports.directory import Batch, Directory
from people.imports.records import ResidentRow, Row
from people.imports.resident_plan import Rules, plan_resident
from people.imports.store import learn_residents, open_directory, write_residents
from people.imports.verdicts import Verdict
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


class ResidentPlan:
    """See people.imports.kinds.Plan. What was judged is remembered, so that a dry run says exactly what a real one does."""

    def __init__(self, tx: Tx, rules: Rules) -> None:
        self.tx, self.rules = tx, rules
        self.directory = Directory()
        self.batch = Batch()
        self.added = (0, 0, 0)

    async def open(self) -> int:
        self.directory = await open_directory(self.tx)
        return int(await self.tx.value(SQL.count_residences, self.tx.community, self.rules.today))

    async def judge(self, rows: Sequence[Row]) -> list[Verdict]:
        residents = cast(Sequence[ResidentRow], rows)
        await learn_residents(self.tx, self.directory, residents)
        self.batch = Batch()
        verdicts = [plan_resident(row, self.directory, self.batch, self.rules) for row in residents]
        people = self.batch.people.values()
        places, persons, addresses = self.added
        self.added = (
            places + len(self.batch.places),
            persons + sum(one.is_new for one in people),
            addresses + sum(len(one.new_addresses) for one in people),
        )
        return verdicts

    async def write(self, *, dry: bool) -> None:
        if not dry:
            await write_residents(self.tx, self.batch, self.directory)
        self.batch.settle()

    async def end_others(self, *, write: bool) -> int:
        pairs = [
            (person.id, self.directory.places[code].id)
            for code, people in self.directory.at_home.items()
            for person in people
            if person.id is not None and person.residences[code].seen
        ]
        ids, homes = [person for person, _ in pairs], [home for _, home in pairs]
        if write:
            return await self.tx.run(SQL.end_others, self.tx.community, self.rules.today, ids, homes)
        return int(await self.tx.value(SQL.count_others, self.tx.community, self.rules.today, ids, homes))
