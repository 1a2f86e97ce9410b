"""An address that names several hosts becomes one address a host, whichever way it is written; and a silent one delays no other's news."""

import asyncio
import socket

import pytest

from tocsin.base.embedded import Embedded
from tocsin.base.hosts import Hosts, single_hosts


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("postgresql://app:se%2Ccret@db/tocsin", ["postgresql://app:se%2Ccret@db/tocsin"]),
        (
            "postgresql://app:se%2Ccret@a:5433,b,[::1]:5434/tocsin?sslmode=require",
            [f"postgresql://app:se%2Ccret@{host}/tocsin?sslmode=require" for host in ("a:5433", "b", "[::1]:5434")],
        ),
        (
            "postgresql://app@/tocsin?host=/run/a,/run/b&port=5433",
            ["postgresql://app@/tocsin?host=/run/a&port=5433", "postgresql://app@/tocsin?host=/run/b&port=5433"],
        ),
        ("postgresql:///tocsin?host=a,b&port=1,2", ["postgresql:///tocsin?host=a&port=1", "postgresql:///tocsin?host=b&port=2"]),
    ],
)
def test_each_host_has_an_address_of_its_own(address: str, hosts: list[str]) -> None:
    assert single_hosts(address) == hosts


async def test_a_host_that_stays_silent_does_not_delay_the_news_of_another(postgres: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.base.hosts.HOST_SECONDS", 3600)
    monkeypatch.setattr("tocsin.base.hosts.LOOK_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = Hosts(postgres.url)
        hosts.urls = [f"postgresql://postgres@127.0.0.1:{silent.getsockname()[1]}/postgres", postgres.url]
        watching = asyncio.create_task(hosts.watch())
        while not hosts.timeline:
            await asyncio.sleep(0.01)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
