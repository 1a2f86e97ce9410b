"""Errors of notifiers.

NotifiersError
├── LinkRefusedError          a link that we did not make, or that was changed
├── NoTextError               an announcement without a text
├── DrillMarkMissingError     a drill's text that does not say that it is one
├── MessageUnknownError       no such message in this community
├── DeliveryUnknownError      no such delivery of this message
└── ReferenceWrongError       a gateway named a delivery in a way that is not ours
"""

from tocsin.base.errors import TocsinError


class NotifiersError(TocsinError):
    """Base of everything notifiers refuses."""

    code = "notifiers"


class LinkRefusedError(NotifiersError):
    """The link is not one of ours, or was changed."""

    code = "link_invalid"


class NoTextError(NotifiersError):
    """An announcement has to say something in at least one language."""

    code = "announcement_without_text"


class DrillMarkMissingError(NotifiersError):
    """A drill's text says that it is one; values: language."""

    code = "drill_mark_missing"


class MessageUnknownError(NotifiersError):
    """This community has no such message; values: id."""

    code = "message_unknown"


class DeliveryUnknownError(NotifiersError):
    """This message has no such delivery; values: message_id, no."""

    code = "delivery_unknown"


class ReferenceWrongError(NotifiersError):
    """A receipt's reference is not one that we gave."""

    code = "reference_wrong"
