"""What is typed into the box of a question becomes a fact, or an error that says how it is written."""

import pytest

from api.console.answers_to_questions import read_answer
from incidents.errors import FactWrongError
from tests.playbooks.story import LIBRARY

WEATHER = LIBRARY["severe_weather"].ask


@pytest.mark.parametrize("typed", ["0730", "730", "7:30", "07:30", "７：３０", "7.30"])
def test_a_time_may_be_typed_as_hands_do_it_on_a_number_pad(typed: str) -> None:
    assert read_answer(WEATHER["issued_at"], typed) == "07:30"


@pytest.mark.parametrize("typed", ["half past seven", "7", "17300", "17:3"])
def test_what_is_no_time_is_refused_with_the_way_to_write_it(typed: str) -> None:
    with pytest.raises(FactWrongError) as refused:
        read_answer(WEATHER["issued_at"], typed)
    assert refused.value.values["expected"] == "00:00 … 23:59, null"


def test_a_quotation_stays_as_it_was_typed_and_nothing_typed_is_unknown() -> None:
    assert read_answer(WEATHER["issuer"], " 深圳市气象台（南山） ") == "深圳市气象台（南山）", "full-width signs are the source's own"
    assert read_answer(WEATHER["issuer"], "  ") is None
