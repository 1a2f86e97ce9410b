"""Makes of a claimed delivery what its channel sends. Pure."""

from notifiers.channels.shape import Outgoing
from notifiers.delivery.claims import Claimed
from notifiers.delivery.lastmile import fill, template_of
from notifiers.links import Purpose, base36, make_link_of, make_reference
from tocsin.base.secrets import Secrets

_PURPOSES: dict[str, Purpose] = {"answer": "a", "resident": "s", "canary": "c"}


def make_outgoing(claimed: Claimed, community_id: int, secrets: Secrets, public_url: str) -> Outgoing:
    """The message with link, code and name filled in; `public_url` is where phones reach the service."""
    words = claimed.words
    reference = make_reference(community_id, claimed.message_id, claimed.no)
    link = link_of(words.link, reference, secrets, public_url)
    code, name = words.code, claimed.person_name or ""
    return Outgoing(
        reference=reference,
        address=claimed.address,
        language=claimed.language,
        text=fill(words.text, link=link, code=code, name=name),
        text_key=words.text_key,
        subject=fill(words.subject, link=link, code=code, name=name) if words.subject else "",
        signature=words.signature,
        code=code,
        link=link,
        thread="" if words.about is None else f"{base36(community_id)}-{base36(words.about)}",
        # A variable that the text carries itself (who took an alert) stands before the slot of the same name, as in the text.
        template=None
        if words.template is None
        else template_of(words.template, {"link": link, "code": code, "name": name, **words.variables}, claimed.language),
    )


def link_of(kind: str, reference: str, secrets: Secrets, public_url: str) -> str:
    """The address of a delivery's page, by its reference; `kind` is the message's link: '', 'answer', 'resident' or 'canary'."""
    purpose = _PURPOSES.get(kind)
    if purpose is None:
        return ""
    return f"{public_url.rstrip('/')}/{purpose}/{make_link_of(secrets, purpose, reference)}"
