"""The last mile: the three slots that only delivery knows, and a gateway's registered template. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache

from notifiers.channels.shape import Template

_SLOT = re.compile(r"\{(link|code|name)\}")
_SPACES = re.compile(r"[ \u3000]+(?=\n|$)")


def fill(text: str, *, link: str, code: str, name: str) -> str:
    """`text` with {link}, {code} and {name} filled; what a value holds is never filled again."""
    values = {"link": link, "code": code, "name": name}
    pattern, slots, tidy = _pattern(text)
    filled = pattern % values
    for slot in slots:
        tidy = tidy and bool(values[slot].strip())
    return filled if tidy else _SPACES.sub("", filled)


@lru_cache(maxsize=512)
def _pattern(text: str) -> tuple[str, tuple[str, ...], bool]:
    """The text as a pattern of `%`, the slots in it, and whether no line ends with spaces where every slot is filled."""
    slots = tuple(dict.fromkeys(_SLOT.findall(text)))
    return _SLOT.sub(r"%(\1)s", text.replace("%", "%%")), slots, _SPACES.search(_SLOT.sub("x", text)) is None


def template_of(mapping: object, values: Mapping[str, object], language: str = "") -> Template | None:
    """The gateway's registered template for a text: `mapping` is {"code": …, "variables": [slot, …] or {theirs: slot}}.

    Or one such for each language: {"zh-CN": …, "en": …}. None where the text is not mapped. A slot without value is sent as "".
    """
    if isinstance(mapping, Mapping) and "code" not in mapping:
        mapping = mapping.get(language)
    if not isinstance(mapping, Mapping) or "code" not in mapping:
        return None
    wanted = mapping.get("variables", [])
    pairs = wanted.items() if isinstance(wanted, Mapping) else [(slot, slot) for slot in wanted]
    return Template(str(mapping["code"]), {str(theirs): str(values.get(str(slot)) or "") for theirs, slot in pairs})
