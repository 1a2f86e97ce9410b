"""What the terminal says when the demo is ready. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.auth.roles import Role
from tocsin.base.texts import say

RULE = "─" * 78


@dataclass(frozen=True, slots=True)
class Welcome:
    """`links`: a one-time log-in token by role; `pins`: staff number and PIN by name, for enrolled desks; `engineer`: who is on duty now;
    `folder`: where data and log are."""

    community: str
    address: str
    links: Mapping[Role, str]
    pins: Mapping[str, str]
    engineer: str
    folder: str


def welcome_lines(language: str, welcome: Welcome) -> list[str]:
    """The lines of the box; addresses stand alone at the end of theirs, so that they can be clicked and copied."""
    lines = ["", RULE, f"  {say(language, 'demo.ready', community=welcome.community)}", ""]
    lines += [_line(say(language, "demo.address"), welcome.address)]
    lines += [_line(say(language, "demo.phones"), f"{welcome.address}/demo/phones"), ""]
    lines += [f"  {say(language, 'demo.links')}"]
    lines += [_line(say(language, f"demo.role.{role}"), f"{welcome.address}/login/{token}") for role, token in welcome.links.items()]
    lines += ["", f"  {say(language, 'demo.pins')}", f"  {'  '.join(f'{name} {pin}' for name, pin in welcome.pins.items())}"]
    lines += [
        "",
        f"  {say(language, 'demo.tour', engineer=welcome.engineer)}",
        f"  {say(language, 'demo.stop', folder=welcome.folder)}",
        RULE,
    ]
    return lines


def _line(label: str, address: str) -> str:
    width = sum(2 if ord(character) > 0x2E7F else 1 for character in label)
    return f"  {label}{' ' * max(1, 18 - width)}{address}"
