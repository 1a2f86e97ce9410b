"""Short codes that an SMS answers with: a letter and a digit, unique among the open incidents of a company."""

from itertools import product
from zlib import crc32

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
LETTERS = "ABCDEFGHJKLMNPQRTUVWXY"
"""Without I, O, S and Z, which are taken for digits."""
DIGITS = "234567"
"""Without the digits that are answers (1 and 9) and without 0 and 8, so that "K7 1" can be read without its space."""


def candidates(kind: str) -> list[str]:
    """All codes, those beginning with a letter that is the kind's own first; longer ones for when the short are used up."""
    first = crc32(kind.encode()) % len(LETTERS)
    letters = LETTERS[first:] + LETTERS[:first]
    short = [f"{letter}{digit}" for letter, digit in product(letters, DIGITS)]
    return short + [f"{letter}{code}" for letter, code in product(letters, short)]


async def take_code(tx: Tx, company_id: int, kind: str) -> str:
    """A code that no open incident of the company has, taken for the one now being declared."""
    used = set(await tx.column(SQL.codes_in_use, company_id))
    for code in candidates(kind):
        if code not in used and await tx.value(SQL.take_code, company_id, code, tx.community) is not None:
            return code
    raise RuntimeError("every short code of the company is in use")
