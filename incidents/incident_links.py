"""The address of an incident's own page, for a poster or a picture in a group: derived from community and incident, and never stored."""

import re
from dataclasses import dataclass

from notifiers.errors import LinkRefusedError
from notifiers.links import base36
from tocsin.base.secrets import Secrets

_TOKEN = re.compile(r"(([0-9a-z]{1,13})-([0-9a-z]{1,13}))-([a-z2-7]{20})")
_PURPOSE = "q"
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class IncidentTarget:
    """Which incident of which community an address leads to."""

    community_id: int
    incident_id: int


def make_incident_link(secrets: Secrets, community_id: int, incident_id: int) -> str:
    """The token of an incident's page; the address is `<public_url>/q/<token>`."""
    reference = f"{base36(community_id)}-{base36(incident_id)}"
    return f"{reference}-{secrets.mark(_PURPOSE, reference)}"


def read_incident_link(secrets: Secrets, token: str) -> IncidentTarget:
    """What the token leads to; raises LinkRefusedError when it was not made by us. Says nothing of how the incident stands."""
    match = _TOKEN.fullmatch(token)
    if match is None or not secrets.is_marked(_PURPOSE, match.group(1), match.group(4)):
        raise LinkRefusedError()
    community_id, incident_id = int(match.group(2), 36), int(match.group(3), 36)
    if max(community_id, incident_id) > _LARGEST_ID:
        raise LinkRefusedError()
    return IncidentTarget(community_id, incident_id)
