"""Behind a proxy everybody comes from one address; what the proxy says of them counts, what strangers say does not."""

from ipaddress import ip_network

import pytest

from api.peer import one_line, peer_behind

OURS = (ip_network("127.0.0.0/8"), ip_network("172.16.0.0/12"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("remote", "forwarded", "peer"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger writes what they like
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the client put 1.2.3.4 there, our proxy the rest
        ("172.18.0.1", "198.51.100.1, 127.0.0.1", "198.51.100.1"),  # two proxies of ours
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_who_is_at_the_other_end(remote: str, forwarded: str, peer: str) -> None:
    assert peer_behind(remote, forwarded, OURS) == peer


@pytest.mark.parametrize(
    ("peer", "line"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_whoever_has_a_line_has_all_of_its_addresses_and_is_counted_once(peer: str, line: str) -> None:
    assert one_line(peer) == line
