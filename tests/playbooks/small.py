"""Small playbooks for tests: the shared parts once, the steps by the test."""

from __future__ import annotations

from textwrap import dedent, indent

from playbooks.language.load import load_playbook
from playbooks.language.model import Playbook

HEAD = """\
playbook: trial
version: 1
title: {zh-CN: 试验, en: Trial}
for: {kind: trial, place: building}
severity: urgent
greeting: {zh-CN: 您好, en: Hello}
ask:
  people:
    number: [1, 30]
    text: {zh-CN: 几个人？, en: How many?}
    words: {number: {zh-CN: "{n}人", en: "{n} people"}, unknown: {zh-CN: 人数不详, en: number unknown}}
  hurt:
    yes_no: {}
    text: {zh-CN: 有人受伤吗？, en: Is anyone hurt?}
closing_words: {zh-CN: 再见, en: Goodbye}
words:
  taken: {zh-CN: "{name}已接{code}，你不用来了", en: "{name} has taken {code}, you need not come"}
  stand_down: {zh-CN: "{code}不用来了", en: "{code}: you need not come"}
  correction: {zh-CN: 更正：没有发生, en: "Correction: it did not happen"}
  correction_staff: {zh-CN: 误报, en: False alarm}
over:
  needs:
    all_well: {title: {zh-CN: 都好, en: All is well}, by: supervisor}
steps:
"""

LADDER = """\
crew:
  title: {zh-CN: 工程, en: Crew}
  alert:
    - {who: engineering/duty, within: 2m}
    - {who: engineering/backup, within: 2m}
    - {who: manager, every: 3m}
  promise: 10m
  text: {zh-CN: "{place}出事，回1，{code}", en: "Trouble at {place}, reply 1, {code}"}
"""


def yaml(steps: str, ask: str = "") -> str:
    return HEAD.replace("closing_words:", f"{ask}closing_words:") + indent(dedent(steps), "  ")


def trial(*steps: str, ask: str = "") -> Playbook:
    """A playbook with the shared head, further questions (indented as they stand below `ask`) and these steps."""
    return load_playbook(yaml("".join(dedent(step) for step in steps), ask), "trial.yaml")


def task(name: str, *lines: str) -> str:
    """A task step of the front desk with these further lines."""
    common = [
        f"{name}:",
        "  title: {zh-CN: 任务, en: Task}",
        "  task: {for: front_desk}",
        "  text: {zh-CN: 去做, en: Do it}",
    ]
    return "\n".join([*common, *(f"  {line}" for line in lines)]) + "\n"


def tell(name: str, *lines: str, audience: str = "{residents_of: building}", night: str = "send") -> str:
    common = [
        f"{name}:",
        "  title: {zh-CN: 通知, en: Tell}",
        f"  tell: {audience}",
        f"  night: {night}",
        "  phase: first",
        '  text: {zh-CN: "{place}有事", en: "Trouble at {place}"}',
    ]
    return "\n".join([*common, *(f"  {line}" for line in lines)]) + "\n"
