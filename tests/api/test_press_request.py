"""Only what every reader of HTTP would read the same is taken as a press; the web server reads the rest."""

import asyncio

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HttpRequestParser
from hypothesis import given
from hypothesis import strategies as st

from api.press_request import Press, is_one_whole_request, read_press

TOKEN = "1-4-9ix-mc7jxjzlx4n5uafnq2hq"
LINE = f"POST /s/{TOKEN} HTTP/1.1"
HEADERS = (
    "Host: tocsin.example.com",
    "Connection: keep-alive",
    "Content-Length: 13",
    "Cache-Control: max-age=0",
    'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"',
    "Origin: https://tocsin.example.com",
    "Content-Type: application/x-www-form-urlencoded",
    "Upgrade-Insecure-Requests: 1",
    "User-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: navigate",
    "Accept-Language: zh-CN,zh;q=0.9",
    "Cookie: tocsin_theme=dark",
    "X-Forwarded-For: 203.0.113.7",
)
BODY = "kind=all_safe"


def request(line: str = LINE, headers: tuple[str, ...] = HEADERS, body: str = BODY, end: str = "\r\n") -> bytes:
    return end.join([line, *headers, "", body]).encode()


def other(old: str, new: str) -> bytes:
    """The browser's request with one thing different."""
    whole = request().decode()
    assert old in whole
    return whole.replace(old, new, 1).encode()


def test_what_a_browser_sends_is_a_press() -> None:
    assert read_press(request()) == Press(TOKEN, "all_safe", "")
    assert read_press(request(headers=(*HEADERS, "Request-Id: from-the-proxy"))) == Press(TOKEN, "all_safe", "from-the-proxy")
    in_small_letters = tuple(one.lower() for one in HEADERS)
    assert read_press(request(headers=in_small_letters)) == Press(TOKEN, "all_safe", "")


@pytest.mark.parametrize(
    "odd",
    [
        other("POST", "PUT"), other(TOKEN, TOKEN + "?lang=en"), other("/s/", "/a/"), other("/s/", "https://tocsin.example.com/s/"),
        other("HTTP/1.1", "HTTP/1.0"), other("Content-Length: 13", "Content-Length: 12"), other("Content-Length: 13", "Content-Length: +13"),
        other("Content-Length: 13", "Content-Length: 13\r\nContent-Length: 13"), other("Content-Length: 13", "Content-Length : 13"),
        other("Content-Length: 13", "Content-Length: 13\r\nTransfer-Encoding: chunked"), other("Content-Length: 13\r\n", ""),
        other("Content-Length: 13", "Content-Length:\r\n 13"), other("Connection: keep-alive", "Connection: close"),
        other("Connection: keep-alive", "Connection: Upgrade"), other("Connection: keep-alive", "Expect: 100-continue"),
        other("Host: tocsin.example.com\r\n", ""), other("same-origin", "cross-site"), other("Sec-Fetch-Site: same-origin\r\n", ""),
        other("x-www-form-urlencoded", "json"), other("all_safe", "all%5Fsafe"), other(BODY, BODY + "&words=x"),
        request(end="\n"), request() + b"\r\n", request() * 2, request(headers=(*HEADERS, "X-Long: " + "x" * 4096)), b"", request()[:-1],
        other("dark", "dark\0"), other("dark", "d\rark"),
    ],
)  # fmt: skip
def test_whatever_is_odd_is_left_to_the_web_server(odd: bytes) -> None:
    assert read_press(odd) is None


def read_by_the_server(data: bytes) -> list[tuple[str, str, bool]]:
    """Method, path and whether all of its body is there, of each request that the web server finds in `data`."""
    loop = asyncio.new_event_loop()
    try:
        found, _, _ = HttpRequestParser(BaseProtocol(loop), loop, 2**16).feed_data(data)
        return [(message.method, message.path, payload.is_eof()) for message, payload in found]
    finally:
        loop.close()


PIECES = st.sampled_from(
    [
        "\r\n",
        "\n",
        " ",
        "\t",
        ":",
        "0",
        "1",
        "13",
        "Content-Length: 13\r\n",
        "Content-Length: 0\r\n",
        "Transfer-Encoding: chunked\r\n",
        "\0",
    ]
)


@given(at=st.integers(0, len(request())), piece=PIECES, instead_of=st.integers(0, 30))
def test_a_press_and_a_whole_request_are_what_the_server_reads_too(at: int, piece: str, instead_of: int) -> None:
    whole = request()
    data = whole[:at] + piece.encode() + whole[at + instead_of :]
    press = read_press(data)
    if press is not None:
        assert read_by_the_server(data) == [("POST", f"/s/{press.token}", True)]
    if is_one_whole_request(data):
        found = read_by_the_server(data + b"GET /next HTTP/1.1\r\nHost: tocsin.example.com\r\n\r\n")
        assert len(found) == 2 and found[1] == ("GET", "/next", True)


def test_pages_and_forms_are_whole_requests() -> None:
    assert is_one_whole_request(request("GET /s/x HTTP/1.1", ("Host: a",), ""))
    assert is_one_whole_request(request()) and not is_one_whole_request(request() + b"G") and not is_one_whole_request(request()[:-1])
