"""DingTalk's work notices: a token that is lent, a task for each notice, and silence about what a member was told before."""

import json
import re
from contextlib import AbstractAsyncContextManager
from itertools import count
from ssl import SSLContext
from urllib.parse import parse_qs

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Script
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http

APP_KEY, APP_SECRET = "dingeqqpkv3xxxxxxgt", "Zs0T-secret-of-the-application-0001"
CODES = {"refuse": 33012, "refuse_account": 88, "later": -1}
_NUMBER = re.compile(r"\n消息编号 (\S+)$")


class WorkNotices:
    """What stands behind the door. `lent`: tokens by whether they are still good."""

    def __init__(self) -> None:
        self.lent: dict[str, bool] = {}
        self.told: set[tuple[str, str]] = set()
        self.tasks = count(256_271_667_526)

    def speaks(self, received: Received, script: Script) -> Said:
        query = {name: values[0] for name, values in parse_qs(received.raw_query).items()}
        match received.method, received.path:
            case "GET", "/gettoken":
                if (query.get("appkey"), query.get("appsecret")) != (APP_KEY, APP_SECRET):
                    return Said({"errcode": 40089, "errmsg": "不合法的corpid或corpsecret"})
                token = f"lent{len(self.lent):06d}"
                self.lent[token] = True
                return Said({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})
            case "POST", "/topapi/message/corpconversation/getsendresult":
                return self._result(query, json.loads(received.body), script)
            case "POST", "/topapi/message/corpconversation/asyncsend_v2":
                return self._send(query, json.loads(received.body), script)
        return Said({"errcode": 404, "errmsg": "请求的URI地址不存在"}, 404)

    def _result(self, query: dict[str, str], document: dict[str, object], script: Script) -> Said:
        if not self.lent.get(query.get("access_token", "")):
            return Said({"errcode": 40014, "errmsg": "不合法的access_token"})
        assert document["agent_id"] == 1234 and isinstance(document["task_id"], int)
        members = [one.address for one in script.arrived if one.gateway_ref == str(document["task_id"])]
        lists = {"accepted": "unread_user_id_list", "delivered": "read_user_id_list", "failed": "forbidden_user_id_list"}
        result: dict[str, object] = {name: [] for name in (*lists.values(), "invalid_user_id_list", "failed_user_id_list")}
        if script.stands and script.fault not in (*CODES, "later_in"):
            result[lists[script.stands]] = members
            result["forbidden_list"] = (
                [{"code": "143105", "count": 1, "userid": one} for one in members] if script.stands == "failed" else []
            )
        return Said({"errcode": 0, "errmsg": "ok", "send_result": result, "request_id": "3jaw"})

    def _send(self, query: dict[str, str], document: dict[str, object], script: Script) -> Said:
        if not self.lent.get(query.get("access_token", "")):
            script.forged += query.get("access_token") not in self.lent
            return Said({"errcode": 40014, "errmsg": "不合法的access_token"})
        if script.fault == "later_in":
            return Said({"errcode": 90018, "errmsg": script.echo}, 429, {"Retry-After": str(WAIT_SECONDS)})
        address = str(document["userid_list"])
        code = CODES["refuse"] if address in script.refused else CODES.get(script.fault, 0)
        if code:
            return Said({"errcode": code, "sub_code": "isv.refused", "sub_msg": script.echo, "errmsg": "refused"})
        message = document["msg"]
        assert isinstance(message, dict) and message["msgtype"] == "text" and isinstance(document["agent_id"], int)
        content = message["text"]["content"]
        task = str(next(self.tasks))
        number = _NUMBER.search(content)
        arrived = Arrived(address, content[: number.start()] if number else content, number.group(1) if number else "", task)
        # Told before on this day: a task as ever, and nobody sees anything.
        taken = [] if (address, content) in self.told else [arrived]
        self.told.add((address, content))
        return Said({"errcode": 0, "errmsg": "ok", "task_id": int(task), "request_id": "3jaw"}, taken=taken)


def running(notices: WorkNotices) -> HttpFake:
    def settings_to(url: str) -> dict[str, object]:
        return {"endpoint": url, "app_key": APP_KEY, "agent_id": 1234}

    return HttpFake(notices.speaks, settings_to, prelude=("/gettoken",))


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    return run_http(running(WorkNotices()), tls)


ADAPTER = Adapter(
    kind="dingtalk_work",
    secret=APP_SECRET,
    start=start,
    address="manager{:04d}".format,
    unspeakable=frozenset({"unsure"}),
    contact_kind="chat",
    asked=("accepted", "delivered", "failed"),
)
