"""A gateway inside the simulation: takes, refuses, loses and repeats as the seed says, and keeps a ledger of what it sent on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from notifiers.channels.shape import Abilities, Accepted, HookReading, HookRequest, NotSent, Outcome, Outgoing, ReceiptIn, Refused, Unknown
from tests.simulation.scheduler import ON_THE_WIRE, Process, Simulation

WEIGHTS = {"take": 60, "take_and_say_nothing": 9, "lose": 9, "later": 6, "refuse": 5, "refuse_account": 1, "receipt_first": 10}
RECEIPTS = {"delivered": 6, "failed": 1, "never": 2, "twice": 2, "contradicts": 1}


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that left for a handset."""

    reference: str
    to: str


@dataclass
class Gateway:
    """One gateway of the world, and what its calls can do. `due`: receipts that it has still to say."""

    sim: Simulation
    id: int
    abilities: Abilities
    sent: list[Sent] = field(default_factory=list)
    due: list[ReceiptIn] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def take(self, one: Outgoing) -> Outcome:
        """One message of a call."""
        what = self.sim.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0] if self.sim.faults else "take"
        if what in ("take", "take_and_say_nothing", "receipt_first"):
            self._send_on(one)
        match what:
            case "take" | "receipt_first":
                return Accepted(f"g{self.id}-{one.reference}")
            case "take_and_say_nothing" | "lose":
                return Unknown("time_out")
            case "later":
                return NotSent("throttled", self.sim.chance.choice((None, 2.0, 30.0)))
            case "refuse":
                return Refused("bad_number", "no such number")
            case _:
                return Refused("no_credit", "balance is 0", account=True)

    def _send_on(self, one: Outgoing) -> None:
        if self.abilities.tells_repeats_apart and one.reference in self._known:
            return
        self._known.add(one.reference)
        self.sent.append(Sent(one.reference, one.address))
        how = self.sim.chance.choices(list(RECEIPTS), list(RECEIPTS.values()))[0]
        states = {"delivered": ("delivered",), "failed": ("failed",), "never": (), "twice": ("delivered", "delivered"),
                  "contradicts": ("failed", "delivered")}[how]  # fmt: skip
        for state in states:
            receipt = ReceiptIn(
                one.reference, "failed" if state == "failed" else "delivered", None, state, f"{one.reference}/{state}", one.address
            )
            self.due.insert(self.sim.chance.randrange(len(self.due) + 1), receipt)


@dataclass
class SimulatedChannel:
    """A process's connection to the gateway: killed before the call it sends nothing, killed after it hears nothing."""

    process: Process
    gateway: Gateway
    abilities: Abilities

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One call."""
        await self.process.turn(f"send {len(batch)}")
        self.process.may_die("before a send")
        outcomes = [self.gateway.take(one) for one in batch]
        self.process.may_die("after a send")
        await self.process.turn(ON_THE_WIRE)
        return outcomes

    def read_hook(self, request: HookRequest) -> HookReading:
        """Receipts come by themselves here."""
        return HookReading()

    async def close(self) -> None:
        """Nothing is open."""
