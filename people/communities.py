"""Companies and the communities they look after, with each community's night."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from people.errors import CommunityUnknownError, StatusClosedError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Community:
    """One managed site. `names` by BCP 47 language; `night_from` and `night_until` are wall-clock times of `zone`. `status_key`: the end of the
    address of its public status, which is there while it is `status_open`. `second_person_above_homes`: a message of the desk's own to more homes
    waits until somebody else approves it."""

    id: int
    company_id: int
    names: dict[str, str]
    zone: str
    languages: list[str]
    default_language: str
    civil_address: str
    gate: str
    desk_phone: str
    night_from: time
    night_until: time
    may_send: bool
    repairs_together_minutes: int
    status_key: str
    status_open: bool
    second_person_above_homes: int

    @property
    def repairs_together(self) -> timedelta:
        """Within how long repairs of one kind from one building may be one emergency."""
        return timedelta(minutes=self.repairs_together_minutes)


@dataclass(frozen=True, slots=True)
class NewCommunity:
    """A community to be added; `zone` is an IANA time zone, `desk_phone` as it is to be read out."""

    company_id: int
    names: dict[str, str]
    zone: str = "Asia/Shanghai"
    languages: tuple[str, ...] = ("zh-CN", "en")
    default_language: str = "zh-CN"
    civil_address: str = ""
    gate: str = ""
    desk_phone: str = ""
    night_from: time = field(default=time(22, 30))
    night_until: time = field(default=time(7, 0))


async def add_company(tx: Tx, name: str) -> int:
    """Add a company; its id. `tx` may be on the floor."""
    return int(await tx.value(SQL.insert_company, name, tx.now))


async def add_community(tx: Tx, new: NewCommunity) -> int:
    """Add a community without its places; its id. `tx` may be on the floor. Raises ZoneInfoNotFoundError for an unknown zone."""
    ZoneInfo(new.zone)
    return int(
        await tx.value(
            SQL.insert_community, new.company_id, new.names, new.zone, list(new.languages), new.default_language,
            new.civil_address, new.gate, new.desk_phone, new.night_from, new.night_until, tx.now,
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CommunityChange:
    """What of a community is to be otherwise; None: as it is."""

    names: dict[str, str] | None = None
    civil_address: str | None = None
    gate: str | None = None
    desk_phone: str | None = None
    night_from: time | None = None
    night_until: time | None = None
    repairs_together_minutes: int | None = None
    status_open: bool | None = None
    status_key: str | None = None
    second_person_above_homes: int | None = None


async def change_community(tx: Tx, community_id: int, change: CommunityChange) -> None:
    """Change a community, from any transaction; raises CommunityUnknownError. A night of before goes on until it ends."""
    touched = await tx.run(
        SQL.change_community, community_id, change.names, change.civil_address, change.gate, change.desk_phone, change.night_from,
        change.night_until, change.repairs_together_minutes, change.status_open, change.status_key,
        change.second_person_above_homes,
    )  # fmt: skip
    if touched == 0:
        raise CommunityUnknownError(field="/community", value=community_id)


async def get_community(tx: Tx, community_id: int) -> Community:
    """The community, from any transaction; raises CommunityUnknownError."""
    community = await tx.maybe(SQL.community, Community, community_id)
    if community is None:
        raise CommunityUnknownError(field="/community", value=community_id)
    return community


async def community_of_status(tx: Tx, key: str) -> int:
    """Whose public status has this address, from any transaction; raises StatusClosedError for none, and for one that is switched off."""
    found: int | None = await tx.value(SQL.community_of_status, key)
    if found is None:
        raise StatusClosedError(value=key)
    return found


async def communities_of(tx: Tx, company_id: int) -> list[Community]:
    """All communities of a company, oldest first."""
    return await tx.rows(SQL.communities_of_company, Community, company_id)


async def all_community_ids(tx: Tx) -> list[int]:
    """Every community of every company, for what the service does by itself."""
    return await tx.column(SQL.all_community_ids)


def is_night(community: Community, at: datetime) -> bool:
    """Whether `at` (aware) lies in the community's night, in which only those who must are woken."""
    local = at.astimezone(ZoneInfo(community.zone)).time()
    begins, ends = community.night_from, community.night_until
    return begins <= local < ends if begins <= ends else local >= begins or local < ends


def night_changes_at(community: Community, at: datetime) -> datetime:
    """The first instant after `at` at which a night begins or ends (UTC)."""
    return min(_next(community, community.night_from, at), _next(community, community.night_until, at))


def night_ends_at(community: Community, at: datetime) -> datetime:
    """The first end of a night after `at` (UTC)."""
    return _next(community, community.night_until, at)


def _next(community: Community, clock: time, at: datetime) -> datetime:
    zone = ZoneInfo(community.zone)
    today = at.astimezone(zone).date()
    instants = (datetime.combine(today + timedelta(days=days), clock, zone).astimezone(UTC) for days in range(3))
    return next(instant for instant in instants if instant > at)
