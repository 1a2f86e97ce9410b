"""The playbooks that ship with the service."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from playbooks.language.load import load_playbook
from playbooks.language.model import Playbook

SHIPPED = (
    "elevator_entrapment", "fire", "power_cut", "water_cut", "severe_weather", "gas_smell", "burst_pipe", "other_emergency",
)  # fmt: skip


@cache
def load_library() -> tuple[Playbook, ...]:
    """Every shipped playbook, loaded and checked once. Raises PlaybookErrors if one is broken."""
    return tuple(load_playbook(source(name), f"playbooks/library/{name}.yaml") for name in SHIPPED)


def source(name: str) -> str:
    """The YAML text of a shipped playbook."""
    return (files(__package__) / f"{name}.yaml").read_text(encoding="utf-8")
