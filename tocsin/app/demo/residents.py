"""Who lives in the town: the same people each time. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random

from people.bulk import AddressLine, PersonLine
from people.persons import ContactKind
from tocsin.app.demo.plan import ResidentLine, TownPlan

SEED = 20260601
VACANT_SHARE = 0.05
ENGLISH_SHARE = 0.05
SHARED_PHONE_SHARE = 0.12
NEED_SHARE = 0.016
_FIRST_NUMBER = 19_900_010_000


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody to be added, and why they are told first, where they are."""

    line: PersonLine
    need_reason: str | None = None
    powered_device: bool = False


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody, and the homes in which nobody lives (codes)."""

    residents: tuple[Resident, ...]
    vacant: frozenset[str]


def settle(plan: TownPlan, homes: Sequence[str]) -> Population:
    """Let people move into the homes: one to three in each, a few homes stay empty."""
    chance = Random(SEED)
    numbers = count(_FIRST_NUMBER)
    residents: list[Resident] = []
    vacant: set[str] = set()
    for home in homes:
        if home in plan.households:
            residents.extend(_known(line, home) for line in plan.households[home])
        elif chance.random() < VACANT_SHARE:
            vacant.add(home)
        else:
            residents.extend(_household(plan, chance, home, numbers))
    return Population(tuple(residents), frozenset(vacant))


def _known(line: ResidentLine, home: str) -> Resident:
    said: tuple[tuple[ContactKind, str | None], ...] = (
        ("mobile", line.mobile),
        ("landline", line.landline),
        ("email", line.email),
    )
    addresses = tuple(AddressLine(kind, address, quality="good") for kind, address in said if address)
    person = PersonLine(
        "resident", line.name, line.language, addresses, (home,), preferred_means=line.preferred_means, dialect=line.dialect,
        plates=tuple(line.plates),
    )  # fmt: skip
    return Resident(person, line.need.reason, line.need.powered) if line.need else Resident(person)


def _household(plan: TownPlan, chance: Random, home: str, numbers: Iterator[int]) -> Iterator[Resident]:
    english = chance.random() < ENGLISH_SHARE
    size = chance.choices((1, 2, 3), (30, 50, 20))[0]
    shared: AddressLine | None = None
    for member in range(size):
        name = chance.choice(plan.english_names) if english else chance.choice(plan.surnames) + chance.choice(plan.given_names)
        own = _addresses(chance, next(numbers))
        if shared is not None and chance.random() < SHARED_PHONE_SHARE:
            own = (shared,)
        shared = shared or next((one for one in own if one.kind == "mobile"), None)
        line = PersonLine("resident", name, "en" if english else "zh-CN", own, (home,), "owner" if member == 0 else "family")
        needs = chance.random() < NEED_SHARE
        powered = needs and chance.random() < 0.2
        yield Resident(line, "home oxygen" if powered else "frail", powered) if needs else Resident(line)


def _addresses(chance: Random, number: int) -> tuple[AddressLine, ...]:
    """How one person can be reached: mostly a mobile, some only otherwise, a few not at all."""
    way = chance.choices(("mobile", "both", "email", "landline", "wrong", "none"), (64, 24, 2, 3, 2, 5))[0]
    mobile = AddressLine("mobile", f"+86{number}", quality="good" if chance.random() < 0.8 else "unproven")
    email = AddressLine("email", f"resident{number % 100_000}@example.com")
    match way:
        case "mobile":
            return (mobile,)
        case "both":
            return (mobile, email)
        case "email":
            return (email,)
        case "landline":
            return (AddressLine("landline", f"+86571{88_100_000 + number % 100_000}"),)
        case "wrong":
            return (AddressLine("mobile", f"+86{number}", quality="wrong"),)
        case _:
            return ()
