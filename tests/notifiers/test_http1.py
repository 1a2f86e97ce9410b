"""What comes back from a gateway is read strictly: an answer that could be another's would settle the wrong message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.channels.wire.http1 import BODY_BYTES_MAX, NotUnderstoodError, TooLargeError, find_answer, request

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
WHOLE = {
    "length": HEAD + b"Content-Length: 4\r\n\r\ntrue",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\ntr\r\n2\r\nue\r\n0\r\nX: y\r\n\r\n",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"content-length: 4\r\n\r\ntrue",
}
NONSENSE = {
    "not http": b"SSH-2.0-OpenSSH\r\n\r\n",
    "another version": b"HTTP/2 200 OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "a line without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
    "a folded line": HEAD + b" more\r\n\r\n",
    "a bare end of line": HEAD + b"A: b\nContent-Length: 0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\ntrue",
    "a signed length": HEAD + b"Content-Length: +4\r\n\r\ntrue",
    "a length and chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a chunk of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk that goes on": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\ntrue\r\n0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "a head without end": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10_000,
}


@pytest.mark.parametrize("name", WHOLE)
def test_an_answer_is_found_when_its_last_byte_is_there_and_not_before(name: str) -> None:
    whole = WHOLE[name]
    assert all(find_answer(whole[:end], ended=False) is None for end in range(len(whole)))
    found = find_answer(whole, ended=False)
    assert found is not None and found.reusable
    assert (found.answer.status, found.answer.body, found.answer.headers["content-type"]) == (200, b"true", "application/json")


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_not_understood(name: str) -> None:
    with pytest.raises(NotUnderstoodError):
        find_answer(NONSENSE[name], ended=False)


def test_without_a_length_the_end_of_the_connection_is_the_end_of_the_answer() -> None:
    assert find_answer(HEAD + b"\r\ntrue", ended=False) is None
    found = find_answer(HEAD + b"\r\ntrue", ended=True)
    assert found is not None and found.answer.body == b"true" and not found.reusable


def test_a_connection_is_not_used_again_where_the_gateway_says_so_or_says_more_than_was_asked() -> None:
    for whole in (
        HEAD + b"Content-Length: 0\r\nConnection: close\r\n\r\n",
        HEAD.replace(b"1.1", b"1.0") + b"Content-Length: 0\r\n\r\n",
        WHOLE["length"] + b"HTTP/1.1 200 OK\r\n",
    ):
        found = find_answer(whole, ended=False)
        assert found is not None and not found.reusable


def test_nothing_longer_than_64_kib_is_taken_in() -> None:
    length, chunk = str(BODY_BYTES_MAX + 1).encode(), hex(BODY_BYTES_MAX + 1)[2:].encode()
    for whole in (
        HEAD + b"Content-Length: " + length + b"\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"\r\n",
        HEAD + b"\r\n" + b"x" * (BODY_BYTES_MAX + 1),
    ):
        with pytest.raises(TooLargeError):
            find_answer(whole, ended=False)


@given(st.binary(max_size=200), st.booleans())
def test_whatever_comes_it_is_an_answer_or_not_yet_one_or_nonsense(data: bytes, ended: bool) -> None:
    for start in (b"", HEAD, HEAD + b"\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"):
        try:
            find_answer(start + data, ended=ended)
        except (NotUnderstoodError, TooLargeError):
            pass


def test_a_request_leaves_byte_for_byte_and_its_own_headers_stand_before_ours() -> None:
    said = request("POST", "/v1?a=%20b", "sms.example:8443", {"host": "signed.example", "X-%": "1%s"}, b"{}")
    assert said == (
        b"POST /v1?a=%20b HTTP/1.1\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: tocsin\r\n"
        b"host: signed.example\r\nX-%: 1%s\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert request("GET", "/", "a.example", {}, None).startswith(b"GET / HTTP/1.1\r\nHost: a.example\r\n")


@pytest.mark.parametrize("value", ["a\r\nHost: b", "a\n", "\r"])
def test_a_header_cannot_begin_another_line(value: str) -> None:
    with pytest.raises(ValueError, match="line"):
        request("POST", "/", "a.example", {"X": value}, b"")
