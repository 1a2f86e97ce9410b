"""Which gateways are one account with a provider, and so share its rate: the first of them leads, the others follow. Pure."""

from collections.abc import Mapping, Sequence

_ADDRESS = ("url", "endpoint")

Account = tuple[object, ...]
"""Equal where it is the same account."""


def account_of(kind: str, named_by: Sequence[str], settings: Mapping[str, object], secret: str, *, sink: bool) -> Account | None:
    """The account behind a gateway; `named_by`: its kind's settings that name one. None where there is none (a call by hand)."""
    if named_by:
        return (kind, sink, *(settings.get(name) for name in named_by))
    if not secret and not any(name in settings for name in _ADDRESS):
        return None
    return (kind, sink, *(settings.get(name) for name in _ADDRESS), secret)


def leader_of(account: Account | None, earlier: Sequence[tuple[int, Account | None]]) -> int | None:
    """The first of the earlier gateways (id and account) of the same account; None where it stands alone."""
    return min((id_ for id_, other in earlier if account is not None and other == account), default=None)
