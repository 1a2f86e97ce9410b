"""Steps: what is common to all of them, then the action by its own reader."""

from __future__ import annotations

from playbooks.language import reader
from playbooks.language.model import During, Step, TextChoice
from playbooks.language.names import ACTIONS
from playbooks.language.read_actions import Context, action
from playbooks.language.read_conditions import condition
from playbooks.language.read_texts import Texts
from playbooks.language.source import Node, Problems

COMMON = ("when", "after", "during", "within", "law", "law_source", "every", "until", "text", "texts", "text_when")
OWN = {
    "alert": ("promise",),
    "tell": ("night", "phase", "asks_safety", "next_news", "again_when"),
    "for_each": ("task", "opens"),
}


def steps(node: Node | None, texts: Texts, shared: dict[str, str]) -> dict[str, Step]:
    """Every step that can be read, in the order of the file."""
    found: dict[str, Step] = {}
    for name, entry in reader.named(node, texts.problems, what="steps").items():
        step = _step(name, entry, texts, shared)
        if step is not None:
            found[name] = step
    return found


def _step(name: str, node: Node, texts: Texts, shared: dict[str, str]) -> Step | None:
    names, problems = texts.names, texts.problems
    kind = _kind(name, node, problems)
    if kind is None:
        return None
    entries = reader.mapping(node, problems, required=("title", kind), optional=(*COMMON, *OWN.get(kind, ())))
    text_key = texts.read(entries.get("text"), key=name)
    named = _named_texts(name, entries.get("texts"), texts, problems)
    context = Context(name, names, texts, problems, text_key, named, shared)
    done = action(kind, entries, context) if kind in entries else None
    law_source = reader.words(entries["law_source"], problems) if "law_source" in entries else None
    common = {
        "name": name,
        "title": reader.words(entries.get("title"), problems),
        "when": condition(entries.get("when"), names, problems),
        "after": reader.duration(entries.get("after"), problems),
        "during": _during(entries.get("during"), problems),
        "within": reader.duration(entries.get("within"), problems),
        "law": reader.duration(entries.get("law"), problems),
        "law_source": law_source,
        "every": reader.duration(entries.get("every"), problems),
        "until": condition(entries.get("until"), names, problems),
        "text_key": text_key,
        "text_choices": _choices(entries.get("text_when"), context),
    }
    return None if done is None else Step.model_validate({**common, "action": done})


def _kind(name: str, node: Node, problems: Problems) -> str | None:
    entries = node.entries or {}
    if "for_each" in entries:
        return "for_each"
    kinds = [kind for kind in ACTIONS if kind in entries]
    if len(kinds) == 1:
        return kinds[0]
    found = " and ".join(f"`{kind}`" for kind in kinds) or "nothing"
    problems.error(node.at, f"step `{name}` does {found}", f"A step does exactly one of {', '.join(ACTIONS)}.")
    return None


def _named_texts(name: str, node: Node | None, texts: Texts, problems: Problems) -> dict[str, str]:
    found = {}
    for text_name, entry in reader.named(node, problems, what="texts").items():
        key = texts.read(entry, key=f"{name}.{text_name}")
        if key is not None:
            found[text_name] = key
    return found


def _choices(node: Node | None, context: Context) -> tuple[TextChoice, ...]:
    if node is None:
        return ()
    found = []
    for item in reader.items(node, context.problems):
        entries = reader.mapping(item, context.problems, required=("when", "text"))
        when = condition(entries.get("when"), context.names, context.problems)
        name = reader.one_of(entries.get("text"), context.problems, tuple(context.named_texts), what="text of this step")
        if when is not None and name is not None:
            found.append(TextChoice(when=when, key=context.named_texts[name]))
    return tuple(found)


def _during(node: Node | None, problems: Problems) -> During:
    word = reader.one_of(node, problems, ("open", "resolved", "closed"), what="part of a run")
    return "resolved" if word == "resolved" else "closed" if word == "closed" else "open"
