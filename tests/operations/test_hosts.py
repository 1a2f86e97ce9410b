"""An address that names several hosts becomes one address a host, whichever way it is written."""

import pytest

from tocsin.base.hosts import single_hosts


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
