"""What has happened in the town before anybody looks: an elevator case that is over, and a power cut of some minutes ago.

Nothing here is written into tables: people declare, answer, fall silent and close, one scene after another, and the real
engine, sender and gateways do the rest.
"""

from datetime import datetime, timedelta

from incidents.actors import Actor
from incidents.answers.responses import respond
from incidents.desk import changes
from incidents.desk.call_backs import note_call_back
from incidents.desk.declare import Declaration, Declared, declare
from incidents.desk.reports import Reporter
from incidents.views.lists import reports
from notifiers.links import read_reference
from people.places import resolve_place
from tocsin.app.demo.buildings import home_codes
from tocsin.app.demo.plan import TownPlan, read_plan
from tocsin.app.demo.residents import settle
from tocsin.app.demo.stage import Stage

CLERK, SUPERVISOR = "chen", "sun"
ELEVATOR_BEGAN = timedelta(minutes=134)
POWER_BEGAN = timedelta(minutes=6, seconds=40)
HOW_MANY_SAFE = 14


class History:
    """Tells the two cases. `accounts`: ids by login."""

    def __init__(self, stage: Stage, accounts: dict[str, int], now: datetime) -> None:
        self.stage = stage
        self.now = now
        self.plan: TownPlan = read_plan()
        names = {line.login: line.name for line in self.plan.accounts}
        self.clerk, self.supervisor = (Actor("account", names[login], account_id=accounts[login]) for login in (CLERK, SUPERVISOR))

    async def tell(self) -> None:
        """Both cases, the older first; afterwards story time is the present."""
        await self._elevator(self.now - ELEVATOR_BEGAN)
        await self._power_cut(self.now - POWER_BEGAN)
        await self.stage.go_to(self.now)

    async def _declare(self, kind: str, place: str, reporter: Reporter, facts: dict[str, object]) -> Declared:
        async with self.stage.desk(self.clerk) as desk:
            where = await resolve_place(desk.tx, place)
            declaration = Declaration(kind=kind, place_id=where.id, facts=facts, reporter=reporter)
            declared = await declare(desk.tx, desk.wakeups, declaration, self.clerk)
        await self.stage.settle()
        return declared

    async def _reporter(self, phone: str, words: str, call_back_minutes: int | None = None) -> Reporter:
        who = await self.stage.caller(phone)
        return Reporter(who.name, phone, who.home_id, who.person_id, "phone", words, "help", call_back_minutes)

    async def _elevator(self, began: datetime) -> None:
        """One person, nine minutes, nobody hurt; the elevator stays out of use until it is inspected."""
        stage, clerk = self.stage, self.clerk
        await stage.go_to(began)
        phone = next(one.mobile for one in self.plan.households["5-1-301"] if one.mobile)
        reporter = await self._reporter(phone, self.plan.said["trapped"], call_back_minutes=10)
        case = (await self._declare("elevator_entrapment", "5-1-L2", reporter, {})).incident_id
        await stage.go_to(began + timedelta(seconds=22))
        async with stage.desk(clerk) as desk:
            await changes.set_facts(desk, case, {"people_inside": 1, "medical_need": False, "floor": 7, "light_and_air": True})
        await stage.go_to(began + timedelta(seconds=31))
        await stage.texts_back(case, "engineers", "1")
        await stage.go_to(began + timedelta(seconds=48))
        await stage.texts_back(case, "security", "2")
        await stage.go_to(began + timedelta(seconds=95))
        await stage.finish(case, "maintenance_call", "called", clerk)
        await stage.finish(case, "cctv", "seen", clerk)
        await self._rescue(case, began)

    async def _rescue(self, case: int, began: datetime) -> None:
        stage, clerk = self.stage, self.clerk
        await stage.go_to(began + timedelta(minutes=3, seconds=40))
        await stage.texts_back(case, "security", "3")
        await stage.go_to(began + timedelta(minutes=5, seconds=20))
        await stage.finish(case, "reassure", "answered", clerk)
        await stage.texts_back(case, "engineers", "3")
        async with stage.desk(clerk) as desk:
            await note_call_back(desk, case, await _report_no(desk, case), "told", 1)
        await stage.go_to(began + timedelta(minutes=9, seconds=10))
        await stage.finish(case, "maintainer_arrival", "arrived", clerk)
        await stage.finish(case, "rescue", "freed", clerk)
        async with stage.desk(clerk) as desk:
            await changes.confirm(desk, case, "everyone_out")
            await changes.add_note(desk, case, self.plan.said["freed"])
        await stage.go_to(began + timedelta(minutes=12))
        await stage.says_by_radio(case, "security", "done", clerk)
        await stage.says_by_radio(case, "engineers", "done", clerk)
        async with stage.desk(self.supervisor) as desk:
            await changes.resolve(desk, case)
        await self._wind_up(case, began)

    async def _wind_up(self, case: int, began: datetime) -> None:
        stage = self.stage
        await stage.go_to(began + timedelta(minutes=16))
        await stage.finish(case, "health", "well", self.clerk)
        await stage.go_to(began + timedelta(minutes=47))
        await stage.finish(case, "lock_out", "released", self.clerk)
        async with stage.desk(self.supervisor) as desk:
            await changes.confirm(desk, case, "elevator_inspected")
            await changes.close(desk, case)
        await stage.settle()

    async def _power_cut(self, began: datetime) -> None:
        """One unit is dark. The engineer comes; the guard on duty does not answer, so his lead is asked, and says it by radio."""
        stage, clerk = self.stage, self.clerk
        phones = _phones(self.plan, "6-1-")
        await stage.go_to(began)
        reporter = await self._reporter(phones[3], self.plan.said["dark"], 30)
        case = (await self._declare("power_cut", "6-1", reporter, {"scope": "half_building"})).incident_id
        await stage.go_to(began + timedelta(seconds=35))
        await stage.texts_back(case, "engineers", "1")
        for phone, words in ((phones[17], self.plan.said["again"]), (phones[40], self.plan.said["elevator"])):
            reporter = await self._reporter(phone, words)
            async with stage.desk(clerk) as desk:
                await changes.add_report(desk, case, reporter)
        await stage.go_to(began + timedelta(seconds=62))
        stage.nobody_takes_calls()
        await stage.go_to(began + timedelta(seconds=100))
        await stage.finish(case, "power_company", "our_side", clerk)
        await stage.go_to(began + timedelta(minutes=3, seconds=20))
        await stage.says_by_radio(case, "security", "on_the_way", clerk, 8)
        await stage.go_to(began + timedelta(minutes=4, seconds=40))
        await stage.texts_back(case, "engineers", "3")
        await stage.go_to(began + timedelta(minutes=5, seconds=30))
        await stage.finish(case, "elevators", "empty", clerk)
        await self._residents_answer(case)

    async def _residents_answer(self, case: int) -> None:
        """Some are well; one home needs somebody."""
        stage, plan = self.stage, self.plan
        told = {one.address: one.reference for one in stage.catchers.book.since() if one.medium == "sms" and one.direction == "to"}
        links = [told[phone] for phone in _phones(plan, "6-1-") if phone in told]
        for place, reference in enumerate(links[: HOW_MANY_SAFE + 1]):
            kind, words = ("all_safe", "") if place < HOW_MANY_SAFE else ("needs_help", plan.said["help"])
            async with stage.desk(self.clerk) as desk:
                await respond(desk.tx, desk.wakeups, read_reference(reference), kind, words)
        await stage.settle()


async def _report_no(desk: changes.Desk, case: int) -> int:
    """The number of the newest report."""
    return (await reports(desk.tx, case))[0].no


def _phones(plan: TownPlan, homes: str) -> list[str]:
    """The mobiles of those who live in homes whose code begins so."""
    residents = settle(plan, home_codes(plan)).residents
    lines = [one.line for one in residents if one.line.home_codes and one.line.home_codes[0].startswith(homes)]
    return [address.address for line in lines for address in line.addresses if address.kind == "mobile" and address.quality != "wrong"]
