"""Builds the demo's town: one community of about 1,200 homes with everything that an emergency needs, in a few statements."""

from dataclasses import dataclass
from datetime import timedelta

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.pins import give_number, hash_pin, set_pin
from incidents.plans import adopt_library
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway, get_gateway
from people.bulk import add_people, add_places, add_served_by_codes, add_shifts
from people.communities import NewCommunity, add_community, add_company
from people.duty.certificates import give_certificate
from people.outside import NewOutsideNumber, add_outside_number
from people.persons import NewNeedOfHelp, add_need_of_help
from people.places import resolve_place
from people.rosters import add_department, add_post
from people.wall_clock import wall_time
from tocsin.app.demo.buildings import home_codes, place_lines, served_places
from tocsin.app.demo.gateways import GatewaySettings
from tocsin.app.demo.plan import TownPlan, read_plan
from tocsin.app.demo.residents import settle
from tocsin.app.demo.staff import shifts, staff_lines, staff_names
from tocsin.base.database import Database, Tx
from tocsin.base.secrets import Secrets

MESSAGES_PER_SECOND = 100.0
RANKS = {"sms": 1, "email": 2, "voice": 3, "by_hand": 9}


@dataclass(frozen=True, slots=True)
class Town:
    """What there is now: `accounts` by login, `gateways` by name, `hook_keys` by the gateway's name."""

    company_id: int
    community_id: int
    accounts: dict[str, int]
    gateways: dict[str, int]
    hook_keys: dict[str, str]


async def seed_town(database: Database, secrets: Secrets, gateways: GatewaySettings, *, language: str = "zh-CN") -> Town:
    """Build the town, complete or not at all; `language` is that of its accounts."""
    plan = read_plan()
    pins = {line.login: await hash_pin(line.pin, line.number) for line in plan.accounts}
    async with database.floor() as tx:
        company_id = await add_company(tx, plan.company)
        words = plan.community
        new = NewCommunity(company_id, words.names, civil_address=words.civil_address, gate=words.gate, desk_phone=words.desk_phone)
        community_id = await add_community(tx, new)
    async with database.community(community_id) as tx:
        await _build(tx, plan)
        staff = await _employ(tx, plan, new.zone)
        await _list_outside_numbers(tx, plan)
        await adopt_library(tx)
        connected = await _connect(tx, secrets, gateways, plan, company_id)
        hook_keys = {name: (await get_gateway(tx, gateway_id)).hook_key for name, gateway_id in connected.items()}
        accounts = await _open_accounts(tx, plan, staff, company_id, language, pins)
    return Town(company_id, community_id, accounts, connected, hook_keys)


async def _build(tx: Tx, plan: TownPlan) -> None:
    population = settle(plan, home_codes(plan))
    await add_places(tx, place_lines(plan, population.vacant))
    for facility, codes in served_places(plan).items():
        await add_served_by_codes(tx, facility, codes)
    ids = await add_people(tx, [resident.line for resident in population.residents])
    for person_id, resident in zip(ids, population.residents, strict=True):
        if resident.need_reason is not None:
            need = NewNeedOfHelp(person_id, resident.powered_device, resident.need_reason, "front_desk")
            await add_need_of_help(tx, need)


async def _employ(tx: Tx, plan: TownPlan, zone: str) -> dict[str, int]:
    for key, names in plan.departments.items():
        await add_department(tx, key, names)
    ids = await add_people(tx, staff_lines(plan))
    people = dict(zip(staff_names(plan), ids, strict=True))
    await add_shifts(tx, shifts(plan, people, tx.now, zone))
    today = wall_time(tx.now, zone).date()
    for line in plan.certificates:
        await give_certificate(tx, people[line.name], line.kind, line.number, today + timedelta(days=line.days))
    for role, name in plan.posts.items():
        await add_post(tx, role, people[name])
    return people


async def _list_outside_numbers(tx: Tx, plan: TownPlan) -> None:
    for line in plan.outside_numbers:
        place_id = (await resolve_place(tx, line.place)).id if line.place else None
        await add_outside_number(tx, NewOutsideNumber(line.what, place_id, line.names, line.number, tx.now.date()))


async def _connect(tx: Tx, secrets: Secrets, gateways: GatewaySettings, plan: TownPlan, company_id: int) -> dict[str, int]:
    """Connect the catchers. They are sinks: nothing that leaves by them can reach anybody."""
    connected: dict[str, int] = {}
    for name, (kind, settings) in gateways.by_name().items():
        new = NewGateway(
            company_id,
            kind,
            name,
            settings,
            secret=gateways.token if kind.startswith("http") else "",
            sink=True,
            rate_per_second=MESSAGES_PER_SECOND,
            burst=int(MESSAGES_PER_SECOND),
        )
        connected[name] = await add_gateway(tx, new, secrets)
        await add_channel(tx, NewChannel(connected[name], RANKS[name], plan.signature))
    return connected


async def _open_accounts(
    tx: Tx, plan: TownPlan, staff: dict[str, int], company_id: int, language: str, pins: dict[str, str]
) -> dict[str, int]:
    accounts: dict[str, int] = {}
    for line in plan.accounts:
        account_id = await create_account(tx, NewAccount(company_id, line.login, line.name, language=language))
        await add_membership(tx, account_id=account_id, community_id=tx.community, role=line.role, person_id=staff[line.name])
        await give_number(tx, account_id, line.number, line.name)
        await set_pin(tx, account_id, pins[line.login], line.name)
        accounts[line.login] = account_id
    return accounts
