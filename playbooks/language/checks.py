"""What can be seen wrong without running a playbook."""

from __future__ import annotations

from playbooks.language.conditions import AllOf, AnyOf, Condition, Confirmed, StepHas, atoms
from playbooks.language.durations import say_duration
from playbooks.language.model import AlertAction, ExpectAction, NewsAction, Playbook, Question, Step, TaskAction, TellAction
from playbooks.language.read_texts import Texts
from playbooks.language.source import Node, Place, Problems
from playbooks.language.strata import cycle_through_not
from playbooks.longest import longest
from playbooks.texts import segments, units


def whole(root: Node, steps: dict[str, Step], texts: Texts, ask: object, problems: Problems) -> None:
    """Every static check over the file as a whole."""
    places = _places(root)
    for name, step in steps.items():
        at = places.get(name, root.at)
        _times(step, at, problems)
        _law(step, steps, at, problems)
        _parts_of_a_run(step, at, problems)
        _texts_of(step, steps, texts)
    if (cycle := cycle_through_not(steps)) is not None:
        way_out = "Let one of the two stand without the other: with both there is no single answer to what happens."
        problems.error(places.get(cycle[0], root.at), f"`{cycle[0]}` says `not` of `{cycle[1]}`, which depends on it", way_out)
    if not problems.errors:
        _unused(steps, texts, problems)
    if isinstance(ask, dict):
        _words_for_unknown(ask, texts, problems)


def _places(root: Node) -> dict[str, Place]:
    node = (root.entries or {}).get("steps")
    return node.keys if node is not None else {}


def _times(step: Step, at: Place, problems: Problems) -> None:
    match step.action:
        case ExpectAction() | NewsAction() if step.within is None:
            problems.error(at, f"`{step.name}` waits for ever", "Add `within: 25m`.")
        case NewsAction(remind_before=before) if step.within is not None and before >= step.within:
            problems.error(at, "the reminder would come before the promise", "Make `remind_before` shorter than `within`.")
        case _:
            pass
    if step.until is not None and step.every is None:
        problems.error(at, f"`{step.name}` has `until` but nothing that repeats", "Add `every: 5m`, or leave `until` out.")
    if isinstance(step.action, TellAction) and step.action.again_when and step.every is not None:
        problems.error(at, f"`{step.name}` repeats by the clock and by its facts", "Keep one of `every` and `again_when`.")
    if step.every is not None and step.until is None:
        problems.error(at, f"`{step.name}` repeats without an end", "Add `until: {step: outcome}`.")
    if step.every is not None and not isinstance(step.action, TaskAction | TellAction):
        problems.error(at, "only tasks and broadcasts repeat", "A ladder repeats by the `every` of its last rung.")
    if step.within is not None and isinstance(step.action, AlertAction | TellAction):
        problems.error(at, "`within` has no meaning here", "A ladder has it on its rungs; a broadcast is done when it is sent.")


def _law(step: Step, steps: dict[str, Step], at: Place, problems: Problems) -> None:
    if step.law is None:
        return
    limit = say_duration(step.law)
    if step.law_source is None:
        problems.error(at, f"the limit of {limit} does not say where it stands", "Add `law_source: {zh-CN: …, en: …}`.")
    if step.within is None or step.within >= step.law:
        problems.error(at, f"nothing happens before the limit of {limit}", "Make `within` shorter than `law`: act before it, not at it.")
        return
    for other in steps.values():
        late = [atom for atom, negated in atoms(other.when) if isinstance(atom, StepHas) and atom.step == step.name and not negated]
        acts = any("late" in atom.outcomes for atom in late)
        if acts and (other.after is None or step.within + other.after < step.law):
            return
    way_out = f"Add a step with `when: {{{step.name}: late}}` that acts before {limit} have passed."
    problems.error(at, f"no step acts when `{step.name}` is late, before the limit of {limit}", way_out)


def _parts_of_a_run(step: Step, at: Place, problems: Problems) -> None:
    if step.during != "closed":
        return
    if not isinstance(step.action, TaskAction | TellAction) or step.every is not None or step.after is not None or step.within is not None:
        way_out = "Only a task or a broadcast without `after`, `within` and `every`: nothing may go out after closing."
        problems.error(at, f"`{step.name}` would go on after closing", way_out)


def _texts_of(step: Step, steps: dict[str, Step], texts: Texts) -> None:
    keys = [step.text_key, *(choice.key for choice in step.text_choices)]
    match step.action:
        case AlertAction(rungs=rungs):
            keys = [rung.text_key for rung in rungs]
            for key in dict.fromkeys(keys):
                texts.must_have(key, "place", why="does not name the place")
                texts.must_have(key, "code", "link", why="leaves no way to answer")
        case TellAction():
            for key in dict.fromkeys(keys):
                texts.must_have(key, "place", why="does not name the place")
        case _:
            pass
    for key in dict.fromkeys(key for key in keys if key is not None):
        claims = texts.found[key].claims if key in texts.found else None
        own = next((choice.when for choice in step.text_choices if choice.key == key), None)
        if claims is not None and not _backed(claims, [step.when, own], steps):
            way_out = "Send it only `when:` that has happened, or say what has been done instead."
            texts.problems.error(texts.places[key], "the text claims what need not have happened when it is sent", way_out)


def _backed(claims: Condition, conditions: list[Condition | None], steps: dict[str, Step]) -> bool:
    wanted = [atom for atom, negated in atoms(claims) if isinstance(atom, StepHas | Confirmed) and not negated]
    return bool(wanted) and all(any(_entails(condition, atom, steps, 0) for condition in conditions) for atom in wanted)


def _entails(condition: Condition | None, wanted: StepHas | Confirmed, steps: dict[str, Step], depth: int) -> bool:
    """Whether `condition` can only hold once the step has had one of the wanted outcomes."""
    match condition:
        case AllOf(of=parts):
            return any(_entails(part, wanted, steps, depth) for part in parts)
        case AnyOf(of=parts):
            return all(_entails(part, wanted, steps, depth) for part in parts)
        case Confirmed():
            return condition == wanted
        case StepHas(step=name, outcomes=outcomes):
            if isinstance(wanted, StepHas) and name == wanted.step and set(outcomes) <= set(wanted.outcomes):
                return True
            other = steps.get(name)
            if other is None or depth > len(steps):
                return False
            return (outcomes == ("met",) and _meets(other, wanted)) or _entails(other.when, wanted, steps, depth + 1)
        case _:
            return False


def _meets(step: Step, wanted: StepHas | Confirmed) -> bool:
    action = step.action
    return (
        isinstance(action, ExpectAction)
        and isinstance(wanted, StepHas)
        and (action.step, True) == (wanted.step, action.answer in wanted.outcomes)
    )


def _unused(steps: dict[str, Step], texts: Texts, problems: Problems) -> None:
    used: set[str | None] = set()
    for step in steps.values():
        used |= {step.text_key, *(choice.key for choice in step.text_choices)}
        if isinstance(step.action, AlertAction):
            used |= {rung.text_key for rung in step.action.rungs} | {step.action.taken_key, step.action.stand_down_key}
    for key, at in texts.places.items():
        if key.count(".") == 2 and key.split(".")[1] in steps and key not in used:
            problems.error(at, f"the text `{key}` is never sent", "Name it in a rung or in `text_when`, or remove it.")


def _words_for_unknown(ask: dict[str, Question], texts: Texts, problems: Problems) -> None:
    for key, definition in texts.found.items():
        for slot in definition.slots:
            if slot in ask and "unknown" not in ask[slot].words:
                way_out = f"Add `words: {{unknown: {{zh-CN: …, en: …}}}}` to the question `{slot}`: texts go out before it is asked."
                problems.error(texts.places[key], f"the text uses `{slot}`, which has no words for unknown", way_out)


def lengths(playbook: Playbook, root: Node, problems: Problems) -> None:
    """Warn of texts longer than one SMS segment at their longest."""
    places = _places(root)
    for key, definition in playbook.texts.items():
        if not _is_sent(playbook, key):
            continue
        for language in definition.by_language:
            text = longest(playbook, key, language)
            count = segments(text)
            if count > 1:
                at = places.get(key.split(".")[1], root.at)
                what = f"`{key}` in `{language}` takes {count} SMS segments ({units(text)[0]} units) at its longest"
                problems.warning(at, what, "Shorten the advice or drop a slot: 70 units in Chinese, 160 in English.")


def _is_sent(playbook: Playbook, key: str) -> bool:
    """Tasks are read on the page, everything else goes out as a message."""
    step = playbook.steps.get(key.split(".")[1])
    return step is None or isinstance(step.action, AlertAction | TellAction)
