"""What comes back to a mail's sender: real reports of a Postfix, reports of other makes, forgeries, and answers that nobody wrote."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers.channels.shape import HookReading
from notifiers.channels.smtp.reports import read_mail
from notifiers.channels.smtp.tags import Tags, return_path

KEY = "key-of-the-hook"
TAGS = Tags(KEY)
MAILS = Path(__file__).parent / "mails"
FAILED = (MAILS / "postfix-failed.eml").read_bytes()
RELAYED = (MAILS / "postfix-relayed-utf8.eml").read_bytes()


def report(tag: str, fields: str, *, envelope_id: bool = False, to: str = "desk@anju.example", kind: str = "delivery-status") -> bytes:
    """A report of another make: the mail itself comes back whole."""
    named = f"Original-Envelope-Id: {tag}\n" if envelope_id else ""
    return f"""\
From: postmaster@anju.example
To: {to}
Subject: Undeliverable
Content-Type: multipart/report; report-type="{kind}"; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
{named}
{fields}
--b
Content-Type: message/rfc822

Message-ID: <{tag}@anju.example>
Subject: x

The mail.
--b--
""".encode()


def said(reading: HookReading) -> list[tuple[str, str, str | None]]:
    return [(one.reference, one.state, one.code) for one in reading.receipts]


def test_a_real_server_s_reports_are_read() -> None:
    failed, relayed = read_mail(FAILED, TAGS), read_mail(RELAYED, TAGS)
    assert said(failed) == [("1-2s-2", "failed", "5.1.1")] and said(relayed) == [("1-2s-5", "accepted", None)]
    assert failed.not_understood == relayed.not_understood == 0
    assert "gone@example.net" not in failed.receipts[0].raw and "User unknown" in failed.receipts[0].raw
    assert read_mail(FAILED, TAGS).receipts[0].dedupe == failed.receipts[0].dedupe != relayed.receipts[0].dedupe


@pytest.mark.parametrize(
    ("fields", "state", "code"),
    [
        ("Final-Recipient: rfc822; a@b.example\nAction: delivered\nStatus: 2.1.5", "delivered", None),
        ("Final-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.4.1", "accepted", None),
        ("Final-Recipient: rfc822; a@b.example\nAction: expanded\nStatus: 2.0.0", "accepted", None),
        ("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 4.4.7", "failed", "4.4.7"),
        ("Original-Recipient: rfc822; a@b.example\nAction: Failed\nStatus: 5.2.2 (over quota)", "failed", "5.2.2"),
        ("Final-Recipient: x\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550-5.1.1 no such\n mailbox", "failed", "5.1.1"),
        ("Final-Recipient: x\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 553 sorry", "failed", "smtp_553"),
        ("Final-Recipient: x\nAction: failed", "failed", None),
    ],
)
def test_each_action_means_what_the_standard_says(fields: str, state: str, code: str | None) -> None:
    assert said(read_mail(report(TAGS.make("1-2s-1"), fields), TAGS)) == [("1-2s-1", state, code)]


def test_the_tag_is_found_in_the_envelope_s_id_the_return_path_or_the_mail_that_is_quoted() -> None:
    tag, fields = TAGS.make("1-2s-1"), "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1"
    expected = [("1-2s-1", "failed", "5.1.1")]
    assert said(read_mail(report("x", fields, to=return_path("bounces@anju.example", tag)), TAGS)) == expected
    assert said(read_mail(report("x", fields), TAGS, sent_to=return_path("bounces@anju.example", tag).upper())) == expected
    assert said(read_mail(report(tag, fields, envelope_id=True).replace(b"Message-ID", b"X-Other"), TAGS)) == expected
    assert return_path(f"{'b' * 60}@anju.example", tag) == f"{'b' * 60}@anju.example"


def test_a_forged_or_garbled_report_says_nothing() -> None:
    fields = "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1"
    other = Tags("the key of another gateway").make("1-2s-1")
    mark = TAGS.make("1-2s-1").partition(".")[2]
    for tag in ("1-2s-1", other, f"1-2s-2.{mark}", f"1-2s-1.{mark[:-1]}", ""):
        reading = read_mail(report(tag, fields, envelope_id=True), TAGS)
        assert not reading.receipts and reading.not_understood == 1, tag
    for broken in (b"", FAILED[:900], FAILED.replace(b"Action: failed", b"Action: exploded"), FAILED.replace(b"boundary", b"bondary")):
        assert read_mail(broken, TAGS).not_understood == 1
    assert not read_mail(FAILED, Tags("")).receipts


def test_what_nobody_wrote_is_no_answer_and_what_somebody_wrote_is_not_guessed_at() -> None:
    tag = TAGS.make("1-2s-1")
    for automatic in (
        f"Auto-Submitted: auto-replied (vacation)\nIn-Reply-To: <{tag}@anju.example>\n\n1",
        f"X-Autoreply: yes\nIn-Reply-To: <{tag}@anju.example>\n\n1",
        f"Precedence: bulk\nTo: bounces+{tag}@anju.example\n\n1",
    ):
        assert read_mail(automatic.encode(), TAGS) == HookReading(answer={"code": 0})
    read = report(
        tag, "Final-Recipient: rfc822; a@b.example\nDisposition: manual-action/MDN-sent; displayed", kind="disposition-notification"
    )
    assert read_mail(read, TAGS) == HookReading(answer={"code": 0})
    written = read_mail(f"From: li@anju.example\nIn-Reply-To: <{tag}@anju.example>\n\n1".encode(), TAGS)
    assert not written.receipts and not written.replies and written.not_understood == 1


@given(cut=st.integers(0, len(FAILED)), put=st.binary(max_size=60), nested=st.integers(0, 3))
@settings(deadline=None, database=None)
def test_no_mail_raises_and_no_damage_makes_another_message_of_it(cut: int, put: bytes, nested: int) -> None:
    deep = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * (nested * 400)
    for raw in (FAILED[:cut] + put + FAILED[cut:], deep + FAILED, FAILED[:cut].replace(b"\n", b"\r\n") + put):
        assert {one.reference for one in read_mail(raw, TAGS).receipts} <= {"1-2s-2"}
