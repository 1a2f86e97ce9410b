"""A message's link stands where it can be followed: under a letter, and never in what is read aloud."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as modern

from notifiers.channels.http_voice.channel import spoken
from notifiers.channels.shape import Outgoing
from notifiers.channels.smtp.letters import write_letter

LINK = "https://tocsin.example/s/1-2-3-abcdefghijklmnopqrst"


def outgoing(text: str, link: str = LINK) -> Outgoing:
    return Outgoing("1-2-3", "wang@example.com", "zh-CN", text, "power_cut.first", subject="停电 · 3栋", link=link)


def body_of(message: Outgoing) -> str:
    written_at = datetime(2026, 11, 24, 2, 6, tzinfo=UTC)
    letter = write_letter(message, recipient=message.address, sender=("物业", "desk@anju.example"), list_id="", written_at=written_at)
    body = message_from_bytes(letter, policy=modern).get_body(("plain",))
    assert body is not None
    return "\n".join(str(body.get_content()).strip().splitlines())


def test_a_residents_letter_leads_to_their_page() -> None:
    assert body_of(outgoing("3栋停电，已通知电工。")) == f"3栋停电，已通知电工。\n\n{LINK}"


def test_a_letter_that_carries_its_link_does_not_repeat_it() -> None:
    assert body_of(outgoing(f"停电｜3栋。代码K7 {LINK}")) == f"停电｜3栋。代码K7 {LINK}"


def test_a_letter_without_a_page_has_no_link() -> None:
    assert body_of(outgoing("误报撤销。", link="")) == "误报撤销。"


def test_nobody_has_a_link_read_to_them() -> None:
    assert spoken(outgoing(f"困人｜3栋2单元1号梯。回1接单 9去不了，代码K7 {LINK}")) == "困人｜3栋2单元1号梯。回1接单 9去不了，代码K7"
    assert spoken(outgoing("撤回派单", link="")) == "撤回派单"
