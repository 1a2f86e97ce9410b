"""The words a playbook may use for the world outside it."""

from __future__ import annotations

from dataclasses import dataclass, field

TIERS = ("duty", "backup", "lead")
DIRECTORY_SLOTS = ("place", "phone")
LAST_MILE_SLOTS = ("link", "code", "name")
INSTANT_SLOTS = ("began", "now", "next_by", "resolved_at")
RESERVED_NAMES = ("any", "all", "not", "severity", "place_kind", "reports", "night", "broadcast_now", "unknown", "known")


@dataclass(frozen=True)
class Vocabulary:
    """Departments, roles, numbers and kinds of place that a community's directory knows; a company may bring its own."""

    departments: tuple[str, ...] = ("engineering", "security", "cleaning", "finance", "customer_service")
    roles: tuple[str, ...] = ("front_desk", "supervisor", "manager", "company_leader")
    numbers: tuple[str, ...] = (
        "fire_rescue_119",
        "ambulance_120",
        "police_110",
        "maintenance_company",
        "maintenance_company_backup",
        "elevator_rescue_96333",
        "power_company",
        "water_company",
        "gas_company",
        "community_office",
        "market_supervision",
    )
    place_kinds: tuple[str, ...] = (
        "community",
        "building",
        "unit",
        "floor",
        "home",
        "elevator",
        "pump_room",
        "garage",
        "substation",
    )
    claim_phrases: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"on_scene": ("已到场", "已到现场", "已经到场", "on site", "on scene", "has arrived", "have arrived")}
    )
    """Phrases that say a state: a text with one of them must carry `claims:` for that outcome."""


STANDARD = Vocabulary()
