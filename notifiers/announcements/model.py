"""What may be announced, to whom. Texts come rendered but for three slots: {link}, {code}, {name}."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, assert_never

Kind = Literal["alert", "broadcast", "notice"]
DeliveryLane = Literal["alert", "correction", "urgent", "notice"]
Means = Literal["write", "ring"]


@dataclass(frozen=True, slots=True)
class Text:
    """One language's text. `key` is stable (gateways map it to a registered template); `subject` is an e-mail's."""

    key: str
    variables: Mapping[str, object]
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """These persons, without regard to a home: staff."""

    person_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ResidentsOf:
    """Whoever lives within this place today, in the community's zone."""

    place_id: int


@dataclass(frozen=True, slots=True)
class ServedBy:
    """Whoever lives where this facility serves."""

    facility_id: int


@dataclass(frozen=True, slots=True)
class PriorityIn:
    """Residents within this place who need help first; `powered_only`: whose life depends on a powered device."""

    place_id: int
    powered_only: bool


@dataclass(frozen=True, slots=True)
class Homes:
    """Whoever lives in these homes."""

    home_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ToldBy:
    """Everybody whom these messages told, or may still: confirmed, handed over, being tried, unknown."""

    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HeldBy:
    """Everybody whom these messages hold back."""

    message_ids: tuple[int, ...]


Audience = People | ResidentsOf | ServedBy | PriorityIn | Homes | ToldBy | HeldBy


@dataclass(frozen=True, slots=True)
class To:
    """One audience or the union of several, each person and home once.

    Who was told by `but_not_told_by` is excluded with reason "told_before". `without` are persons whom it does not concern: they are
    no members. `held`: everybody is sealed and excluded with reason "held", and nothing is sent.
    """

    audience: Audience | tuple[Audience, ...]
    but_not_told_by: tuple[int, ...] = ()
    without: tuple[int, ...] = ()
    held: bool = False

    @property
    def audiences(self) -> tuple[Audience, ...]:
        return self.audience if isinstance(self.audience, tuple) else (self.audience,)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message to one audience.

    `subject` and `effect_key` name it: announced twice, it is one message. `means` "ring" uses only what rings.
    `code`: what an SMS answers with, "" where nothing is asked. `expires_seconds` of story time after which nothing is sent.
    A person whose language has no text gets the community's. `only_channel`: it leaves by this one or not at all.
    `undo_seconds` of machine time in which nothing leaves, so that stopping it tells nobody.
    `may_be_sealed_later`: many are sealed by the lane `fan_out`, after the commit; then nobody knows yet how many they are.
    `all_clear`: it is over.
    """

    subject: int | None
    effect_key: str
    kind: Kind
    lane: DeliveryLane
    means: Means
    audience_kind: Literal["staff", "residents"]
    to: To
    drill: bool
    life_safety: bool
    code: str
    link: Literal["", "answer", "resident", "canary"]
    expires_seconds: float
    texts: Mapping[str, Text]
    only_channel: int | None = None
    undo_seconds: float = 0
    may_be_sealed_later: bool = False
    all_clear: bool = False


@dataclass(frozen=True, slots=True)
class Announced:
    """The message, the size of its audience and how many of it no way leads to (0 of what is sealed later); `already`: it had been
    announced before."""

    message_id: int
    size: int
    unreachable: int
    already: bool


@dataclass(frozen=True, slots=True)
class AudienceIds:
    """Audiences sorted by kind, as the seal takes them."""

    people: list[int] = field(default_factory=list)
    residents_of: list[int] = field(default_factory=list)
    served_by: list[int] = field(default_factory=list)
    priority: list[int] = field(default_factory=list)
    powered: list[int] = field(default_factory=list)
    homes: list[int] = field(default_factory=list)
    told_by: list[int] = field(default_factory=list)
    held_by: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, to: To) -> "AudienceIds":
        """The audiences of `to`, sorted."""
        ids = cls()
        for audience in to.audiences:
            ids.add(audience)
        return ids

    def add(self, audience: Audience) -> None:
        """Sort in one audience."""
        match audience:
            case People():
                self.people.extend(audience.person_ids)
            case ResidentsOf():
                self.residents_of.append(audience.place_id)
            case ServedBy():
                self.served_by.append(audience.facility_id)
            case PriorityIn():
                (self.powered if audience.powered_only else self.priority).append(audience.place_id)
            case Homes():
                self.homes.extend(audience.home_ids)
            case ToldBy():
                self.told_by.extend(audience.message_ids)
            case HeldBy():
                self.held_by.extend(audience.message_ids)
            case _:
                assert_never(audience)
