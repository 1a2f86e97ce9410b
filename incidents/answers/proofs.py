"""Whether somebody without a link of their own belongs to a home: by the last four digits of a number registered for it.

Four digits can be guessed, so guesses are few: for the home, for the incident, and for where they come from. Whoever guessed too often
is answered exactly like whoever guessed wrong, and like whoever names a home of which no number is known: nothing is learnt from it.
"""

from dataclasses import dataclass
from datetime import timedelta

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
WINDOW = timedelta(hours=1)
GUESSES_FOR_A_HOME = 5
"""An hour's luck with one of two numbers is then 1 in 1,000; whoever lives there knows the digits and needs one."""

WRONG_FOR_AN_INCIDENT = 500
WRONG_FROM_A_PEER = 60
"""Many handsets share one address of a mobile network."""


@dataclass(frozen=True, slots=True)
class Guess:
    """Four digits for one home; `peer` is a keyed hash of where they come from."""

    incident_id: int
    home_id: int
    digits: str
    peer: str


def looks_like_digits(text: str) -> bool:
    """Four digits, as the end of a number is."""
    return len(text) == 4 and text.isascii() and text.isdecimal()


async def people_proven(tx: Tx, guess: Guess) -> list[int]:
    """Who lives in the home under a number that ends so; none where the guess is wrong or comes too often."""
    home = f"home:{guess.incident_id}:{guess.home_id}"
    others = (f"incident:{guess.incident_id}", f"peer:{guess.incident_id}:{guess.peer}")
    if not looks_like_digits(guess.digits):
        return []
    taken = await _take(tx, home)  # holds the home's row, so that guesses made at one moment come one after the other
    lately: list[int] = [await _lately(tx, bucket) for bucket in others]
    people: list[int] = await tx.column(SQL.people_by_end_of_number, tx.community, guess.home_id, guess.digits, tx.now.date())
    if taken > GUESSES_FOR_A_HOME or lately[0] >= WRONG_FOR_AN_INCIDENT or lately[1] >= WRONG_FROM_A_PEER:
        people = []
    if people:
        await tx.run(SQL.give_guess_back, tx.community, home)
    else:
        for bucket in others:
            await _take(tx, bucket)
        await tx.run(SQL.forget_guesses, tx.community, tx.machine_now - WINDOW)
    return people


async def count_from(tx: Tx, peer: str) -> int:
    """Count one more answer without proof from there; how many that makes within the hour."""
    return await _take(tx, f"unproven:{peer}")


async def _take(tx: Tx, bucket: str) -> int:
    return int(await tx.value(SQL.take_guess, tx.community, bucket, tx.machine_now, tx.machine_now - WINDOW))


async def _lately(tx: Tx, bucket: str) -> int:
    return int(await tx.value(SQL.guesses_lately, tx.community, bucket, tx.machine_now - WINDOW))
