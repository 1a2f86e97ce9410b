"""The shipped playbooks hold, and the report says how far that was looked at."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pytest

from playbooks.checker.explore import explore
from playbooks.checker.limits import Limits
from playbooks.checker.report import Report, table
from playbooks.library import SHIPPED
from tests.playbooks.small import LADDER, task, tell, trial
from tests.playbooks.story import LIBRARY


@cache
def report(name: str) -> Report:
    return explore(LIBRARY[name])


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_playbook_holds(name: str) -> None:
    found = report(name)
    assert found.holds, found.failed
    assert found.unfinished == ()
    assert found.findings == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_under_contracts_every_state_of_every_step_was_explored(name: str) -> None:
    """Two people may hold any of the ladders at once; nothing was cut off by a limit."""
    existential = {"silence_is_heard", "can_happen", "repeat_can_end"}
    for row in table(report(name)):
        assert row.status == ("seen" if row.property in existential else "proved_under_contracts"), row
        assert row.states > 0
    assert max(len(step.action.rungs) for step in LIBRARY[name].steps.values() if step.action.kind == "alert") in (3, 4)
    assert Limits().two_holders_below_rungs > 4


GUARDS = {"fire": "security", "gas_smell": "security", "other_emergency": "security"}
"""Whose ladder alone guarantees it; the engineers' where nothing else is said."""


@pytest.mark.parametrize("name", SHIPPED)
def test_one_ladder_alone_guarantees_that_an_open_incident_is_never_left_alone(name: str) -> None:
    assert report(name).guards == (GUARDS.get(name, "engineers"),)


ALERTED = {
    "elevator_entrapment": [
        (0, "engineering/duty"),
        (0, "security/duty"),
        (2, "engineering/backup"),
        (2, "security/lead"),
        (3, "supervisor"),
        (4, "engineering/lead"),
        (6, "manager"),
        (60, "company_leader"),
    ],
    "power_cut": [
        (0, "engineering/duty"),
        (0, "security/duty"),
        (3, "engineering/backup"),
        (3, "security/lead"),
        (5, "supervisor"),
        (6, "engineering/lead"),
        (10, "manager"),
        (120, "company_leader"),
    ],
    "fire": [
        (0, "engineering/duty"),
        (0, "manager"),
        (0, "security/duty"),
        (1, "engineering/backup"),
        (1, "security/lead"),
        (2, "company_leader"),
        (2, "engineering/lead"),
        (2, "supervisor"),
    ],
    "water_cut": [
        (0, "engineering/duty"),
        (3, "engineering/backup"),
        (4, "company_leader"),
        (6, "engineering/lead"),
        (10, "manager"),
        (20, "supervisor"),
    ],
    "severe_weather": [
        (0, "engineering/duty"),
        (0, "security/duty"),
        (5, "company_leader"),
        (5, "engineering/backup"),
        (5, "security/lead"),
        (10, "engineering/lead"),
        (10, "supervisor"),
        (15, "manager"),
    ],
    "gas_smell": [
        (0, "engineering/duty"),
        (0, "manager"),
        (0, "security/duty"),
        (1, "cleaning/duty"),
        (1, "engineering/backup"),
        (1, "security/lead"),
        (1, "supervisor"),
        (2, "company_leader"),
        (2, "customer_service/duty"),
        (2, "engineering/lead"),
        (3, "cleaning/lead"),
        (4, "customer_service/lead"),
    ],
    "burst_pipe": [
        (0, "cleaning/duty"),
        (0, "customer_service/duty"),
        (0, "engineering/duty"),
        (0, "security/duty"),
        (2, "engineering/backup"),
        (2, "security/lead"),
        (4, "engineering/lead"),
        (4, "supervisor"),
        (5, "cleaning/lead"),
        (5, "customer_service/lead"),
        (6, "manager"),
        (120, "company_leader"),
    ],
    "other_emergency": [
        (0, "engineering/duty"),
        (0, "security/duty"),
        (0, "supervisor"),
        (2, "security/lead"),
        (3, "engineering/backup"),
        (3, "manager"),
        (6, "engineering/lead"),
    ],
}
ONLY_SOMETIMES = {"water_cut": ["company_leader"], "severe_weather": ["company_leader"]}
"""Who is alerted only where the facts ask for it: the company's leader hears of odd water, and of orange and red warnings."""


@pytest.mark.parametrize("name", SHIPPED)
def test_the_worst_time_to_each_tier_in_silence(name: str) -> None:
    silence = report(name).silence
    assert [(one.after / timedelta(minutes=1), one.who) for one in silence.first_alerts] == ALERTED[name]
    assert [one.who for one in silence.first_alerts if one.never_in] == ONLY_SOMETIMES.get(name, [])
    assert silence.circles
    assert silence.gap == timedelta(0)


@pytest.mark.parametrize("name", ["elevator_entrapment", "power_cut"])
def test_a_reached_limit_is_said_and_never_passes_for_a_proof(name: str) -> None:
    small = Limits(contract_states=300, exact_states=2, awake_states=20, silent_ticks=5, openings=2)
    found = explore(LIBRARY[name], small)
    assert found.holds
    rows = {row.property: row for row in table(found)}
    assert rows["silence_ends_at_a_human"].status == "seen"
    assert rows["silence_ends_at_a_human"].worst[:2] == ("engineers", "security")
    assert (
        found.of("silence_ends_at_a_human", "company_leader" if name == "elevator_entrapment" else "company_told").status
        == "proved_under_contracts"
    )
    assert rows["silence_is_heard"].status == "not_finished"
    assert rows["can_happen"].status == "not_finished"
    assert "engineers" not in rows["can_happen"].worst
    assert not found.silence.circles


def test_where_the_author_says_quiet_nobody_need_be_alerted() -> None:
    steps = (LADDER.replace("  alert:", "  when: {hurt: [yes, unknown]}\n  alert:"),)
    loud = trial(*steps)
    quiet = loud.model_copy(update={"quiet_when": trial(task("x", "when: {hurt: no}")).steps["x"].when})
    assert explore(quiet).holds
    found = explore(loud).of("somebody_is_alerted")
    assert found.status == "failed"


def test_two_ladders_may_guard_together_what_neither_guards_alone() -> None:
    hurt = LADDER.replace("crew:", "hurt_crew:").replace("  alert:", "  when: {hurt: yes}\n  alert:")
    calm = LADDER.replace("crew:", "calm_crew:").replace("  alert:", "  when: {hurt: [no, unknown]}\n  alert:")
    found = explore(trial(hurt, calm))
    assert found.holds, found.failed
    assert found.guards == ("hurt_crew", "calm_crew")


def test_news_nights_children_and_what_follows_closing_are_explored_too() -> None:
    rounds = """\
    rounds:
      title: {zh-CN: 查, en: Check}
      for_each: elevator
      task: {for: security, results: {empty: {zh-CN: 空, en: Empty}, trapped: {zh-CN: 困, en: Trapped}}}
      opens: {trapped: trial}
      within: 5m
      text: {zh-CN: 查, en: Check}
    """
    found = explore(
        trial(
            LADDER,
            rounds,
            tell("news", "when: {rounds: trapped}", "next_news: 10m", night="hold"),
            "promise:\n  title: {zh-CN: 消息, en: News}\n  when: {news: sent}\n  news: {for: front_desk, remind_before: 5m}\n"
            "  within: 10m\n  text: {zh-CN: 发, en: Send}\n",
            task("review", "during: closed"),
            task("morning", "during: resolved", "when: {news: held}"),
        )
    )
    assert found.holds, found.failed
    assert found.unfinished == ()
    assert found.of("drill_reaches_nobody", "news").status == "proved_under_contracts"
