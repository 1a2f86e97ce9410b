"""What a gateway repeats of our secrets and of people's numbers ends with it: in no outcome, no log and no representation."""

import io
import logging

import pytest

from tests.notifiers.conformance.adapter import TAKEN_FAULTS, WORD_FAULTS, Adapter, Fake
from tests.notifiers.conformance.adapters import having
from tocsin.base.logs import configure_logs


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.start))
async def test_a_gateway_that_repeats_the_secret_and_the_number_makes_neither_public(
    adapter: Adapter, fake: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    logged = io.StringIO()
    configure_logs(as_json=True, level="DEBUG", stream=logged)
    caplog.set_level(logging.DEBUG)
    channel = adapter.open(fake, connect_seconds=0.4, total_seconds=0.8)
    number = adapter.address(1)
    fake.script.echo = f"{adapter.secret} said {number} {number.removeprefix('+86')} mail zhang@anju.example"
    shown = [repr(channel), str(channel)]
    for fault in (*WORD_FAULTS, *TAKEN_FAULTS):
        if fault not in adapter.unspeakable:
            fake.script.fault = fault
            shown += [repr(outcome) for outcome in await channel.send([adapter.message(1)])]
    await channel.close()
    shown += [logged.getvalue(), caplog.text]
    for told in shown:
        for secret in (*adapter.secret.split(":"), number, number.removeprefix("+86"), "zhang@anju.example"):
            assert secret not in told
