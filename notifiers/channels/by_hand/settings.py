"""The settings of the phone call by hand."""

from notifiers.channels.shape import ChannelSettings


class ByHandSettings(ChannelSettings):
    """There is nothing to set."""
