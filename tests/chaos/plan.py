"""What happens in each round, drawn from a seed: pure, so that the same seed is the same plan on every machine.

How processes interleave is the machine's affair; what is asked of them, what hits them, and how gateways answer each single request is not.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

BlowKind = Literal[
    "worker_killed", "two_workers_killed", "api_killed", "worker_stopped", "worker_asleep", "api_asleep", "backend_killed",
    "statements_cancelled", "postgres_restarted", "postgres_killed", "story_ahead", "story_back", "machine_ahead", "machine_back",
    "clocks_back",
]  # fmt: skip
_WEIGHTS: dict[BlowKind, int] = {
    "worker_killed": 8, "two_workers_killed": 3, "api_killed": 5, "worker_stopped": 3, "worker_asleep": 4, "api_asleep": 1,
    "backend_killed": 3, "statements_cancelled": 2, "postgres_restarted": 2, "postgres_killed": 2, "story_ahead": 1, "story_back": 1,
    "machine_ahead": 1, "machine_back": 1, "clocks_back": 1,
}  # fmt: skip

SPOTS: dict[str, str] = {
    "declare": "insert_incident",
    "seal": "audience_member",
    "fan_out": "One repeatable page",
    "claim": "Claimed means on the wire",
    "settle": "What came of claims",
    "escalate": "timer",
    "lease": "On the wire for longer than the lease",
    "import": "occupancy",
    "receipts": "Settled deliveries that these bundles call delivered",
}
"""Where a blow may be aimed: words of the statement that is then running."""

Fault = Literal[
    "hang", "hang_unsent", "reset", "reset_unsent", "later", "error", "sent_error", "nonsense", "charset", "huge", "drip", "refuse"
]  # fmt: skip
WORDS = ("none", "plain", "twice", "reordered", "before_the_answer", "failed_then_delivered", "rounds_late", "forged")
Word = Literal["none", "plain", "twice", "reordered", "before_the_answer", "failed_then_delivered", "rounds_late", "forged"]
"""How a gateway speaks of a message later."""


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing that goes wrong, after the gateways were called so often in the round or so many seconds at the latest, and then where a
    statement of `spot` is caught running (at once, where none is)."""

    kind: BlowKind
    after_calls: int
    within_seconds: float
    spot: str | None


@dataclass(frozen=True, slots=True)
class Weather:
    """How gateways behave in a round: the share of requests that meet one of `faults`."""

    share: float
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """One round. `residents` of each town are told, staff is alerted `entrapments` times in each."""

    number: int
    workers: int
    entrapments: int
    tells_residents: bool
    imports: bool
    weather: Weather
    blows: tuple[Blow, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What all rounds of a seed have in common. Of the two towns the first has a gateway that tells repeats apart, the second has not.

    `batches`: how many messages one call of each town's gateway carries (None: one); `second`: whether the towns have a second gateway,
    of the other sort.
    """

    batches: tuple[int | None, int | None]
    second: bool
    residents: int


def draw_stage(seed: int) -> Stage:
    """The towns of a seed."""
    chance = Random(f"stage {seed}")
    batches = (chance.choice((None, None, 7)), chance.choice((None, None, 7)))
    return Stage(batches, second=chance.random() < 0.5, residents=chance.choice((chance.randint(4, 15), chance.randint(50, 60))))


def draw_round(seed: int, number: int) -> Round:
    """Round `number` (from 1) of a seed."""
    chance = Random(f"round {seed} {number}")
    faults = tuple(chance.sample(get_args(Fault), chance.randint(2, 6)))
    weather = Weather(chance.choice((0.0, 0.1, 0.2, 0.4)), faults)
    tells = chance.random() < 0.75
    return Round(
        number=number, workers=chance.randint(2, 4), entrapments=chance.choice((1, 1, 2)), tells_residents=tells,
        imports=chance.random() < 0.25, weather=weather, blows=tuple(_draw_blow(chance) for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 3)))),
    )  # fmt: skip


def _draw_blow(chance: Random) -> Blow:
    kind = chance.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()))[0]
    spot = chance.choice((None, *SPOTS))
    return Blow(kind, after_calls=chance.randint(0, 40), within_seconds=chance.uniform(0.05, 1.2), spot=spot)


def draw_fault(seed: int, number: int, reference: str, call: int, weather: Weather) -> Fault | None:
    """What a gateway does with the `call`-th call about a message."""
    chance = Random(f"fault {seed} {number} {reference} {call}")
    return chance.choice(weather.faults) if chance.random() < weather.share else None


def draw_word(seed: int, reference: str) -> Word:
    """How a gateway speaks later of a message that it sent."""
    return Random(f"word {seed} {reference}").choices(WORDS, weights=(4, 5, 2, 2, 2, 1, 2, 2))[0]  # type: ignore[return-value]
