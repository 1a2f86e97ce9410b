"""Every channel is a folder of one shape and one line in the registry; what it can do is data, and nobody else asks for its name."""

import ast
import inspect

import pytest

from notifiers.channels.registry import KINDS
from notifiers.channels.shape import ChannelSettings
from tests.house.tree import ROOT, parsed, python_files, shown

FOLDER = ROOT / "notifiers" / "channels"
SHARED = {"wire": "what channels over HTTP have in common"}
"""Folders beside the channels that are none."""

NAMING = {
    "notifiers/channels/registry.py": "the registry itself",
    "tocsin/app/demo/gateways.py": "the demo's gateways are set up here, one of each kind it catches",
}
"""Where a channel is called by its name."""


def test_every_folder_is_a_channel_of_the_registry() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(KINDS) | set(SHARED)


@pytest.mark.parametrize("kind", KINDS)
def test_every_channel_has_the_one_shape(kind: str) -> None:
    """channel.py opens it, settings.py holds the model of its settings; whatever else it needs stands beside them."""
    assert {"__init__.py", "channel.py", "settings.py"} <= {path.name for path in (FOLDER / kind).iterdir()}
    assert KINDS[kind].name == kind
    assert inspect.getmodule(KINDS[kind].open).__name__ == f"notifiers.channels.{kind}.channel"  # type: ignore[union-attr]
    assert KINDS[kind].settings.__module__ == f"notifiers.channels.{kind}.settings"
    assert issubclass(KINDS[kind].settings, ChannelSettings)


def test_no_channel_imports_another() -> None:
    across = [
        f"{shown(path)}:{node.lineno}"
        for kind in KINDS
        for path in python_files(f"notifiers/channels/{kind}")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and any((node.module or "").startswith(f"notifiers.channels.{other}.") for other in set(KINDS) - {kind})
    ]
    assert across == []


def test_nobody_asks_which_channel_it_is() -> None:
    """What differs between channels is said by their abilities and settings. (by_hand is also a medium, which may be asked for.)"""
    media = {kind.medium for kind in KINDS.values()}
    named = {
        shown(path)
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and node.value in set(KINDS) - media and FOLDER / str(node.value) not in path.parents
    }
    assert named == set(NAMING)
