"""Whom a message is for, as it is kept until the message is sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

LARGEST_ID = 2**63 - 1


class MeantUnreadableError(Exception):
    """What is kept of a message says something that this version does not know: it may be another version's, or broken."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a message is for, by ids: persons, places, homes and messages, as `To` has them. Kept as JSON until it is sealed.

    Versions of the service work side by side during an upgrade: a new field needs a default, and one that goes is read until no row has it.
    """

    held: bool = False
    but_not_told_by: Sequence[int] = ()
    people: Sequence[int] = ()
    residents_of: Sequence[int] = ()
    served_by: Sequence[int] = ()
    priority: Sequence[int] = ()
    powered: Sequence[int] = ()
    homes: Sequence[int] = ()
    told_by: Sequence[int] = ()
    held_by: Sequence[int] = ()
    without: Sequence[int] = ()

    def parts(self) -> list[tuple[str, int]]:
        """What it says one by one: how (the field), and the id."""
        return [(how, id_) for how in PARTS for id_ in getattr(self, how)]

    @property
    def leans_on(self) -> set[int]:
        """The messages whose members say who is meant."""
        return {*self.told_by, *self.held_by, *self.but_not_told_by}


PARTS = tuple(one.name for one in fields(Meant) if one.name != "held")


def read_meant(message_id: int, kept: object) -> Meant:
    """What was kept of this message; a field that is missing means nobody.

    A field that is not known is not passed over: whom it leaves out or adds would be told, or not told, by mistake. Raises MeantUnreadableError.
    """
    if not isinstance(kept, Mapping):
        raise MeantUnreadableError(f"message {message_id}: to_seal is no object: {kept!r:.80}")
    for name, value in kept.items():
        if name != "held" and name not in PARTS:
            raise MeantUnreadableError(f"message {message_id}: to_seal has a field that this version does not know: {name!r}")
        if not (isinstance(value, bool) if name == "held" else _are_ids(value)):
            raise MeantUnreadableError(f"message {message_id}: {name} of to_seal is {value!r:.80}")
    if not kept:
        raise MeantUnreadableError(f"message {message_id}: to_seal is empty")
    return Meant(**kept)


def _are_ids(value: object) -> bool:
    return isinstance(value, list) and all(type(one) is int and 0 <= one <= LARGEST_ID for one in value)
