"""Every adapter, found by its file: each module here has one `ADAPTER`."""

import pkgutil
from collections.abc import Callable
from importlib import import_module

from tests.notifiers.conformance.adapter import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.kind: adapter for adapter in (import_module(f"{__name__}.{found.name}").ADAPTER for found in pkgutil.iter_modules(__path__))
}


def having(able: Callable[[Adapter], object]) -> list[str]:
    """The kinds whose adapter is able to do that, for `parametrize`."""
    return [kind for kind, adapter in ADAPTERS.items() if able(adapter)]
