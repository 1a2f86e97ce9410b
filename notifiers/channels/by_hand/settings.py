"""The settings of the phone call by hand."""

from notifiers.channels.wire.settings import Settings


class ByHandSettings(Settings):
    """There is nothing to set."""
