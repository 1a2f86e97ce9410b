"""The town on paper: town.yaml as checked data."""

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from api.auth.roles import Role
from people.persons import PreferredMeans
from people.places import FacilityKind
from people.rosters import Tier

Names = dict[str, str]


class _Lines(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CommunityLine(_Lines):
    """The community's own words."""

    names: Names
    civil_address: str
    gate: str
    desk_phone: str


class FacilityLine(_Lines):
    """A facility of the whole community, and the codes of the buildings it serves."""

    code: str
    kind: FacilityKind
    names: Names
    serves: list[str]


class GapLine(_Lines):
    """The night shift that nobody has."""

    department: str
    tier: Tier
    days_ahead: int


class AccountLine(_Lines):
    """Somebody of the staff who logs in, and signs on at an enrolled desk by number and PIN."""

    login: str
    name: str
    role: Role
    number: str
    pin: str


class OutsideLine(_Lines):
    """A number outside the company; `place` is a code, None for all."""

    what: str
    number: str
    names: Names
    place: str | None = None


class NeedLine(_Lines):
    """Why somebody is told first."""

    powered: bool
    reason: str


class ShopLine(_Lines):
    """A shop on a building's ground floor."""

    building: str
    code: str
    names: Names
    intercom: str


class CertificateLine(_Lines):
    """What one of the staff is certified for, for so many days more."""

    name: str
    kind: str
    number: str
    days: int


class ResidentLine(_Lines):
    """Somebody that stories are told about."""

    name: str
    language: Literal["zh-CN", "en"] = "zh-CN"
    mobile: str | None = None
    landline: str | None = None
    email: str | None = None
    need: NeedLine | None = None
    plates: list[str] = []
    preferred_means: PreferredMeans = "write"
    dialect: str = ""


class TownPlan(_Lines):
    """Everything of town.yaml."""

    company: str
    signature: str
    community: CommunityLine
    buildings: list[int]
    units: int
    floors: int
    left_out_floors: list[int]
    doors: int
    elevators: int
    first_rescue_code: int
    place_names: dict[Literal["building", "unit", "floor", "home", "elevator"], Names]
    elevator_label: str
    aliases: dict[str, list[str]]
    shops: list[ShopLine]
    facilities: list[FacilityLine]
    departments: dict[str, Names]
    rosters: dict[str, dict[Tier, list[str]]]
    gap: GapLine
    certificates: list[CertificateLine]
    posts: dict[str, str]
    accounts: list[AccountLine]
    outside_numbers: list[OutsideLine]
    households: dict[str, list[ResidentLine]]
    said: dict[Literal["trapped", "freed", "dark", "again", "elevator", "help"], str]
    surnames: str = Field(min_length=10)
    given_names: list[str]
    english_names: list[str]


@cache
def read_plan() -> TownPlan:
    """The plan of the town, read once."""
    text = files(__package__).joinpath("town.yaml").read_text("utf-8")
    return TownPlan.model_validate(YAML(typ="safe").load(text))
