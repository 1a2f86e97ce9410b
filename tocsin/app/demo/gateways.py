"""How the service reaches the catchers: the settings of the demo's gateways."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.app.demo.catchers import HOST


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """The catchers' ports on loopback, and the token and secret that they share with the service."""

    http_port: int
    smtp_port: int
    token: str = field(repr=False)

    def by_name(self) -> dict[str, tuple[str, Mapping[str, object]]]:
        """Kind and settings of each gateway, by its name."""
        base = f"http://{HOST}:{self.http_port}"
        http: dict[str, object] = {"allow_private_addresses": [HOST], "tells_repeats_apart": True}
        return {
            "sms": ("http_sms", {**http, "url": f"{base}/sms/v1/messages", "batch_url": f"{base}/sms/v1/batches"}),
            "email": (
                "smtp",
                {
                    "host": HOST,
                    "port": self.smtp_port,
                    "security": "none",
                    "sender_address": "desk@anju.example",
                    "allow_private_addresses": [HOST],
                },
            ),
            "voice": ("http_voice", {**http, "url": f"{base}/voice/v1/calls"}),
            "by_hand": ("by_hand", {}),
        }
