"""Mail over kept connections: how many mails one carries, what happens when the server ends it, what is asked of servers that report, and heads."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from notifiers.channels.shape import Accepted, NotSent, Refused
from notifiers.errors import SettingError
from tests.notifiers.conformance.adapters.smtp import ADAPTER, SmtpFake, start
from tests.notifiers.conformance.conftest import certificate


@pytest.fixture
async def server() -> AsyncIterator[SmtpFake]:
    async with start() as fake:
        assert isinstance(fake, SmtpFake)
        yield fake


async def test_one_connection_carries_many_mails_and_never_more_than_it_may(server: SmtpFake) -> None:
    channel = ADAPTER.open(server, connections=1, messages_per_connection=3)
    outcomes = await channel.send([ADAPTER.message(number) for number in range(7)])
    assert all(isinstance(one, Accepted) for one in outcomes) and server.opened == 3
    await channel.close()


async def test_a_refused_recipient_costs_no_connection(server: SmtpFake) -> None:
    channel = ADAPTER.open(server, connections=1)
    server.script.refused = {ADAPTER.address(number) for number in (1, 2, 4)}
    outcomes = await channel.send([ADAPTER.message(number) for number in range(6)])
    assert [type(one) for one in outcomes] == [Accepted, Refused, Refused, Accepted, Refused, Accepted]
    assert outcomes[1] == Refused("5.1.1", "5.1.1 refused") and server.opened == 1
    await channel.close()


@pytest.mark.parametrize("goodbye", ["421 4.4.2 idle for too long", ""])
async def test_a_kept_connection_that_the_server_has_ended_is_opened_again_and_the_mail_goes_out_once(
    server: SmtpFake, goodbye: str
) -> None:
    channel = ADAPTER.open(server, connections=1)
    await channel.send([ADAPTER.message(1)])
    server.goodbye = goodbye
    server.ends_next = True
    assert isinstance((await channel.send([ADAPTER.message(2)]))[0], Accepted)
    assert server.opened == 2 and len(server.script.arrived) == 2
    await channel.close()


async def test_connections_are_bounded(server: SmtpFake) -> None:
    channel = ADAPTER.open(server, connections=2)
    await asyncio.gather(*(channel.send([ADAPTER.message(number)]) for number in range(12)))
    assert server.opened == 2 and len(server.script.arrived) == 12
    await channel.close()


@pytest.mark.parametrize("receipts", [True, False])
async def test_a_server_that_reports_is_asked_for_what_somebody_reads(server: SmtpFake, receipts: bool) -> None:
    channel = ADAPTER.open(server, receipts=receipts)
    await channel.send([ADAPTER.message(1)])
    mail, rcpt = server.envelope
    tag = str(server.letters[0]["Message-ID"]).strip("<>").partition("@")[0]
    assert mail == f"MAIL FROM:<desk@anju.example> RET=HDRS ENVID={tag}" and tag.startswith("1-2s-1.")
    notify = "SUCCESS,FAILURE,DELAY" if receipts else "FAILURE,DELAY"
    assert rcpt == f"RCPT TO:<{ADAPTER.address(1)}> NOTIFY={notify} ORCPT=rfc822;{ADAPTER.address(1)}"
    assert channel.abilities.receipts is receipts
    await channel.close()


async def test_where_a_server_does_not_report_the_return_path_names_the_mail(server: SmtpFake) -> None:
    server.offers = ()
    channel = ADAPTER.open(server, bounce_address="bounces@anju.example")
    await channel.send([ADAPTER.message(1)])
    tag = str(server.letters[0]["Message-ID"]).strip("<>").partition("@")[0]
    assert server.envelope == [f"MAIL FROM:<bounces+{tag}@anju.example>", f"RCPT TO:<{ADAPTER.address(1)}>"]
    assert server.letters[0]["From"] == "desk@anju.example"
    await channel.close()


async def test_a_name_of_any_script_goes_to_servers_that_can_take_it_and_to_no_other(server: SmtpFake) -> None:
    channel = ADAPTER.open(server, connections=1)
    message = replace(ADAPTER.message(1), address="张伟@安居.example")
    assert isinstance((await channel.send([message]))[0], Accepted)
    assert server.envelope[0].endswith(" SMTPUTF8") and server.envelope[1].startswith("RCPT TO:<张伟@xn--")
    assert str(server.letters[0]["To"]).startswith("张伟@xn--")
    await channel.close()
    server.offers = ("DSN",)
    channel = ADAPTER.open(server)
    assert await channel.send([message]) == [Refused("no_utf8_mail", "no_utf8_mail")]
    await channel.close()


async def test_the_sender_s_domain_may_be_of_any_script_and_its_name_not(server: SmtpFake) -> None:
    channel = ADAPTER.open(server, sender_address="desk@安居.example", bounce_address="bounces@安居.example")
    assert isinstance((await channel.send([ADAPTER.message(1)]))[0], Accepted)
    assert server.envelope[0].startswith("MAIL FROM:<bounces+1-2s-1.") and "@xn--" in server.envelope[0]
    await channel.close()
    for setting in ("sender_address", "bounce_address"):
        with pytest.raises(SettingError):
            ADAPTER.open(server, **{setting: "张伟@anju.example"})


async def test_mails_of_one_incident_hang_together_and_nothing_slips_into_a_head(server: SmtpFake) -> None:
    channel = ADAPTER.open(server, sender_name="安居物业", connections=1)
    sly = "困人\r\nBcc: all@anju.example\r\n\r\nEverybody out"
    batch = [replace(ADAPTER.message(number, reference=f"1-2s-{number}"), subject=sly, thread="1-9") for number in (1, 2)]
    await channel.send([*batch, batch[0]])
    first, second, again = server.letters
    assert first["References"] == second["References"] == first["In-Reply-To"] == "<1-9@anju.example>"
    assert first["Message-ID"] == again["Message-ID"] != second["Message-ID"]
    assert first["Bcc"] is None and first["Subject"] == "困人 Bcc: all@anju.example Everybody out"
    assert (first["Auto-Submitted"], first["List-Id"], first["X-Auto-Response-Suppress"]) == (
        "auto-generated",
        "<desk.anju.example>",
        "All",
    )
    for address in ("li@anju.example\r\nRCPT TO:<all@anju.example>", "li@anju.example> NOTIFY=NEVER", "a@b@c.example", "张\u200b@"):
        assert await channel.send([replace(batch[0], address=address)]) == [Refused("address_malformed", "address_malformed")]
    await channel.close()


async def test_four_hundred_is_later_and_the_word_of_the_server_decides_whose_fault_it_is(server: SmtpFake) -> None:
    channel = ADAPTER.open(server)
    server.script.fault = "later"
    assert await channel.send([ADAPTER.message(1)]) == [NotSent("smtp_451")]
    server.script.fault = "refuse_account"
    assert await channel.send([ADAPTER.message(1)]) == [Refused("smtp_530", "5.7.0 refused", account=True)]
    await channel.close()


async def test_a_server_that_speaks_another_character_set_is_still_understood(server: SmtpFake) -> None:
    server.charset, server.script.echo = "gb18030", "用户不存在"
    channel = ADAPTER.open(server, connections=1)
    server.script.refused = {ADAPTER.address(1)}
    (refused, taken) = [(await channel.send([ADAPTER.message(number)]))[0] for number in (1, 2)]
    assert isinstance(refused, Refused) and refused.code == "5.1.1" and refused.reason.isprintable()
    assert isinstance(taken, Accepted) and server.opened == 1
    await channel.close()


@pytest.mark.parametrize(("expired", "offered"), [(False, True), (True, True), (False, False)])
async def test_the_log_in_is_said_behind_starttls_and_a_valid_certificate_or_not_at_all(
    server: SmtpFake, tmp_path: Path, expired: bool, offered: bool
) -> None:
    context, pem = certificate(tmp_path, expired=expired)
    server.upgrades_to = context if offered else None
    channel = ADAPTER.open(server, security="starttls", trusted_certificate=pem, connections=1)
    outcomes = [(await channel.send([ADAPTER.message(number)]))[0] for number in (1, 2)]
    if expired or not offered:
        assert all(isinstance(one, NotSent | Refused) for one in outcomes), outcomes
        assert server.logged_in == [] and server.script.arrived == []
    else:
        assert all(isinstance(one, Accepted) for one in outcomes) and server.logged_in == ["behind TLS"]
    await channel.close()
