"""Errors of notifiers.

NotifiersError
├── LinkRefusedError          a link that we did not make, or that was changed
├── NoTextError               an announcement without a text
├── DrillMarkMissingError     a drill's text that does not say that it is one
├── MessageUnknownError       no such message in this community
├── MessageNotStoppedError    only what was stopped can be resumed
├── MessageNotPausableError   an alert, stopped, or nothing of it waits
├── MessageOverError          past its time: nothing of it is sent any more
├── QuarantineUnknownError    not set apart, or somebody has decided already
├── DeliveryUnknownError      no such delivery of this message
├── ReferenceWrongError       a gateway named a delivery in a way that is not ours
├── GatewayKindUnknownError   no channel of that name
├── GatewayUnknownError       no such gateway of this company
├── GatewayNameTakenError     the company has a gateway of that name
├── GatewayRateWrongError     a rate, burst or share out of range
├── GatewaySecretError        the secret is missing or too short
├── SettingError              a setting of a gateway
│   ├── SettingUnknownError
│   ├── SettingMissingError
│   ├── SettingWrongError         wrong type, or out of its range
│   ├── SettingUrlError           not an address that can be called
│   ├── SettingNotEncryptedError  would send numbers and secrets in the clear
│   └── SettingPrivateError       leads into the house
├── ChannelUnknownError       no such channel in this community
├── NoTestAddressError        a test message needs an address
├── CanaryPlaceWrongError     a canary stands for a building or for the community
├── CanaryUnknownError        this person is no canary of this place
├── NoCanaryError             nobody is named whom a test could reach
└── CanaryTestOpenError       proof of the last test is still waited for
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


class MessageNotStoppedError(NotifiersError):
    """Nothing was stopped that could be resumed; values: value."""

    code = "message_not_stopped"


class MessageNotPausableError(NotifiersError):
    """Only news of which something waits can be paused: no alert, nothing that was stopped; values: value."""

    code = "message_not_pausable"


class QuarantineUnknownError(NotifiersError):
    """This is not set apart (any more); values: value, no."""

    code = "quarantine_unknown"


class MessageOverError(NotifiersError):
    """The message's time is over, so that its news are no longer news; values: value."""

    code = "message_over"


class DeliveryUnknownError(NotifiersError):
    """This message has no such delivery; values: message_id, no."""

    code = "delivery_unknown"


class ReferenceWrongError(NotifiersError):
    """A receipt's reference is not one that we gave."""

    code = "reference_wrong"


class GatewayKindUnknownError(NotifiersError):
    """There is no channel of that kind; values: value, known."""

    code = "gateway_kind_unknown"


class GatewayUnknownError(NotifiersError):
    """This company has no such gateway; values: value."""

    code = "gateway_unknown"


class GatewayNameTakenError(NotifiersError):
    """The company has a gateway of that name; values: value."""

    code = "gateway_name_taken"


class GatewayRateWrongError(NotifiersError):
    """A number is out of its range; values: expected."""

    code = "gateway_rate_wrong"


class GatewaySecretError(NotifiersError):
    """The secret is missing or too short; values: least (characters)."""

    code = "gateway_secret"


class SettingError(NotifiersError):
    """A setting of a gateway is wrong; values: name."""

    code = "setting_wrong"


class SettingUnknownError(SettingError):
    """There is no such setting; values: name, known."""

    code = "setting_unknown"


class SettingMissingError(SettingError):
    """The setting has to be given; values: name."""

    code = "setting_missing"


class SettingWrongError(SettingError):
    """Wrong type, or out of its range; values: name, expected."""

    code = "setting_wrong"


class SettingUrlError(SettingError):
    """Not an address that can be called; values: name."""

    code = "setting_url"


class SettingNotEncryptedError(SettingError):
    """Only a host in allow_private_addresses may be reached without TLS; values: name."""

    code = "setting_not_encrypted"


class SettingPrivateError(SettingError):
    """A private address that is not in allow_private_addresses; values: name."""

    code = "setting_private"


class ChannelUnknownError(NotifiersError):
    """This community has no such channel; values: value."""

    code = "channel_unknown"


class NoTestAddressError(NotifiersError):
    """A test message needs an address that the channel can reach; values: medium."""

    code = "test_address"


class CanaryPlaceWrongError(NotifiersError):
    """A canary stands for a building or for the community; values: value (the place's code)."""

    code = "canary_place_wrong"


class CanaryUnknownError(NotifiersError):
    """This person is no canary of this place; values: value."""

    code = "canary_unknown"


class NoCanaryError(NotifiersError):
    """Nobody is named whom a test could reach."""

    code = "no_canary"


class CanaryTestOpenError(NotifiersError):
    """Proof of the last test is still being waited for."""

    code = "canary_test_open"
