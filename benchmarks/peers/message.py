"""The message that every peer sends: as long as the service's own, made as JSON and signed as the protocol asks."""

import hashlib
import hmac
import resource
import time

import orjson

SECRET = b"a secret of sixteen"
TEXT = (
    "云栖花园因配电房抢修，3栋、5栋今晚停电，预计23:30前恢复。请勿乘坐电梯，注意用火用电安全。详情："
    "http://127.0.0.1:40000/s/1-2s-ffff-abcdefghij234567klmn"
)


def document(no: int) -> dict[str, object]:
    """Message number `no`."""
    return {"reference": f"1-2s-{no}", "to": f"+8613{no:09d}", "text": TEXT, "signature": "安居物业", "language": "zh-CN"}


def signed(body: bytes) -> dict[str, str]:
    """The headers of a call."""
    at = str(int(time.time()))
    mark = hmac.new(SECRET, f"{at}\nsend\n".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json; charset=utf-8", "Tocsin-Timestamp": at, "Tocsin-Signature": mark}


def call(no: int) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a call that carries one message."""
    message = document(no)
    body = orjson.dumps(message)
    return body, {**signed(body), "Idempotency-Key": str(message["reference"])}


def cpu_seconds() -> float:
    """What this process and those that it waited for have used."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
