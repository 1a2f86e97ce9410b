"""What is said to a mail server beside the mail: who sends, who gets it, and which reports are wanted (RFC 3461). Pure."""

from dataclasses import dataclass

from notifiers.channels.smtp.tags import return_path


@dataclass(frozen=True, slots=True)
class Offers:
    """Which extensions the server offers: reports on delivery (DSN), addresses of any script (SMTPUTF8)."""

    dsn: bool
    utf8: bool


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail to one plain address; `tag` is what reports name it by."""

    recipient: str
    tag: str
    letter: bytes

    def sender(self, sender_address: str, bounce_address: str) -> str:
        """The return path: the address for bounces with the tag in it, where there is one. A report of the old kind names nothing else."""
        return return_path(bounce_address, self.tag) if bounce_address else sender_address

    def mail_options(self, offers: Offers) -> list[str]:
        """The parameters of MAIL. Of the mail itself a report needs to quote the head only."""
        utf8 = [] if self.recipient.isascii() else ["SMTPUTF8"]
        return [*(["RET=HDRS", f"ENVID={xtext(self.tag)}"] if offers.dsn else []), *utf8]

    def rcpt_options(self, offers: Offers, *, success: bool) -> list[str]:
        """The parameters of RCPT; `success`: reports of delivery are wanted too, because somebody reads them."""
        if not offers.dsn:
            return []
        wanted = f"NOTIFY={'SUCCESS,' if success else ''}FAILURE,DELAY"
        return [wanted, f"ORCPT=rfc822;{xtext(self.recipient)}"] if self.recipient.isascii() else [wanted]


def xtext(text: str) -> str:
    """`text`, of ASCII, as parameters want it (RFC 3461, 4)."""
    return "".join(one if "!" <= one <= "~" and one not in "+=" else f"+{ord(one):02X}" for one in text)
