"""Groups of chat applications that have no channel of their own, by the library Apprise. See docs/gateways/apprise.md."""
