"""The small pure parts: last mile, segments, links, marks, verdicts."""

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Template, Unknown
from notifiers.delivery.lastmile import fill, template_of
from notifiers.delivery.segments import count_segments
from notifiers.delivery.verdicts import CAP_SECONDS, Standing, Verdict, back_off, judge, needs_look
from notifiers.errors import LinkRefusedError, ReferenceWrongError
from notifiers.links import LinkTarget, make_link, make_reference, read_link, read_reference
from tocsin.base.keyed_hash import hmac_sha256
from tocsin.base.secrets import Secrets, derive

SECRETS = Secrets("a key that only these tests use, long enough")


def test_the_last_mile_fills_three_slots_and_nothing_within_them() -> None:
    assert fill("{name}: {code} {link}", link="http://x", code="K7", name="{link}") == "{link}: K7 http://x"
    assert fill("回复{code} {link}\n{other}", link="", code="K7", name="") == "回复K7\n{other}"
    assert fill("100% %s %(link)s {link} {link}", link="%d", code="", name="") == "100% %s %(link)s %d %d"


def test_a_template_takes_its_variables_in_the_gateway_s_order() -> None:
    values = {"place": "3栋", "count": 2, "code": "K7"}
    assert template_of({"code": "SMS_1", "variables": ["code", "place"]}, values) == Template("SMS_1", {"code": "K7", "place": "3栋"})
    assert template_of({"code": "SMS_1", "variables": {"p1": "count", "p2": "missing"}}, values) == Template("SMS_1", {"p1": "2", "p2": ""})
    assert template_of(None, values) is None


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("困" * 70, 1),
        ("困" * 71, 2),
        ("a" * 159 + "€", 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_gateways_do(text: str, segments: int) -> None:
    assert count_segments(text) == segments


@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=200))
def test_what_one_key_marks_is_hmac_sha256_whatever_it_marked_before(key: bytes, one: bytes, other: bytes) -> None:
    digest = hmac_sha256(key)
    assert [digest(text) for text in (one, other, one)] == [hmac.digest(key, text, "sha256") for text in (one, other, one)]


@given(st.text(max_size=60))
def test_a_mark_is_the_first_96_bits_in_base32(text: str) -> None:
    bits = hmac.digest(derive(SECRETS.key, "mark/s"), text.encode(), "sha256")[:12]
    assert SECRETS.mark("s", text) == base64.b32encode(bits).decode().rstrip("=").lower()


IDS = st.integers(min_value=0, max_value=2**63 - 1)


@given(IDS, IDS, IDS)
def test_a_link_leads_to_its_delivery_and_no_other(community: int, message: int, no: int) -> None:
    token = make_link(SECRETS, "a", community, message, no)
    assert read_link(SECRETS, "a", token) == LinkTarget(community, message, no)
    assert read_reference(make_reference(community, message, no)) == LinkTarget(community, message, no)
    with pytest.raises(LinkRefusedError):
        read_link(SECRETS, "s", token)
    mark = token.rpartition("-")[2]
    with pytest.raises(LinkRefusedError):
        read_link(SECRETS, "a", f"{make_reference(community, message, no ^ 1)}-{mark}")


@given(st.text(max_size=60))
def test_no_other_text_is_a_link(text: str) -> None:
    with pytest.raises(LinkRefusedError):
        read_link(SECRETS, "a", text)
    try:
        read_reference(text)
    except ReferenceWrongError:
        pass


def test_a_link_survives_one_rotation_of_the_key() -> None:
    token = make_link(SECRETS, "a", 1, 2, 3)
    assert read_link(Secrets("another key, also long enough for it", SECRETS.key), "a", token) == LinkTarget(1, 2, 3)
    with pytest.raises(LinkRefusedError):
        read_link(Secrets("another key, also long enough for it"), "a", token)


OUTCOMES = st.sampled_from([Accepted(), NotSent("x"), NotSent("x", 30.0), Refused("c", "r"), Unknown("t")])
STANDINGS = st.builds(
    Standing,
    attempts=st.integers(1, 40),
    maybe_sent=st.booleans(),
    repeats_told_apart=st.booleans(),
    life_safety=st.booleans(),
    alert=st.booleans(),
    another_way=st.booleans(),
)


@given(OUTCOMES, STANDINGS, st.floats(0, 1, exclude_max=True))
def test_the_policy_never_sends_twice_what_may_have_arrived_but_where_it_may(outcome: Outcome, standing: Standing, chance: float) -> None:
    verdict = judge(outcome, standing, chance)
    assert 0 <= verdict.wait_seconds <= CAP_SECONDS
    if isinstance(outcome, Accepted):
        assert verdict == Verdict("accepted")
    if verdict.state == "again" and verdict.maybe_sent and not standing.repeats_told_apart:
        assert standing.life_safety and not standing.another_way and not standing.maybe_sent
    if verdict.state == "failed" and not standing.repeats_told_apart:
        assert not standing.maybe_sent, "what may have arrived is never called failed"
    if standing.attempts >= 30:
        assert verdict.state != "again" or (isinstance(outcome, Unknown) and not standing.repeats_told_apart)


@pytest.mark.parametrize(
    ("alert", "open_way", "asked_seconds", "becomes"),
    [
        (True, True, 60.0, "failed"),
        (True, True, 5.0, "again"),
        (True, False, 60.0, "again"),
        (False, True, 60.0, "failed"),
        (False, True, 30.0, "again"),
        (False, False, 600.0, "again"),
    ],
)
def test_what_has_another_way_does_not_wait_long_for_a_gateway_that_asked_for_a_pause(
    alert: bool, open_way: bool, asked_seconds: float, becomes: str
) -> None:
    standing = Standing(
        attempts=1, maybe_sent=False, repeats_told_apart=False, life_safety=True, alert=alert, another_way=True, open_way=open_way
    )  # fmt: skip
    outcome = NotSent("throttled", asked_seconds)
    assert needs_look(outcome, standing) == (alert or asked_seconds > 30)
    verdict = judge(outcome, standing, 0.5)
    assert (verdict.state, verdict.onward) == (becomes, becomes == "failed")


@pytest.mark.parametrize(
    ("alert", "attempts", "same_address", "becomes"),
    [(True, 1, True, "failed"), (True, 1, False, "again"), (False, 5, True, "again"), (False, 6, False, "failed")],
)
def test_a_gateway_that_is_not_there_gives_way_to_one_that_leads_to_the_same_address(
    alert: bool, attempts: int, same_address: bool, becomes: str
) -> None:
    standing = Standing(attempts, False, False, False, alert, another_way=True, open_way=True, same_address=same_address)
    assert judge(NotSent("name_or_connection"), standing, 0.5).state == becomes


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_retries_spread_and_are_capped(attempts: int, chance: float) -> None:
    assert 0 <= back_off(attempts, chance) <= CAP_SECONDS
