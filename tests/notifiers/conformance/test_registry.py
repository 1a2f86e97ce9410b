"""No channel leaves the house untested."""

from pathlib import Path

from notifiers.channels.registry import KINDS
from tests.notifiers.conformance.adapters import ADAPTERS


def test_every_channel_in_the_registry_has_an_adapter_here() -> None:
    assert set(KINDS) == set(ADAPTERS)


def test_every_channel_has_its_page_of_documentation() -> None:
    pages = "\n".join(page.read_text() for page in Path("docs/gateways").glob("*.md"))
    assert [kind for kind in KINDS if f"(`{kind}`)" not in pages] == []
