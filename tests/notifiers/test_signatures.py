"""Our signers against values that providers publish, and against values that their own libraries computed for inputs of every kind."""

from datetime import datetime

import pytest

from notifiers.channels.twilio.signature import is_genuine, read_form
from notifiers.channels.twilio.signature import signature as twilio
from notifiers.channels.wire import acs3, tc3

ACS3_PUBLISHED = acs3.RpcCall(
    "ecs.cn-shanghai.aliyuncs.com", "RunInstances", "2014-05-26",
    {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}, {},
)  # fmt: skip
"""The example of "V3 request body and signature mechanism", help.aliyun.com."""
ACS3_COMPUTED = [
    (
        {"PhoneNumbers": "%", "TemplateParam": "~😀名@'@!Z+"}, {},
        "2026-04-16T06:21:13+00:00", "e67a9b75fc3947249fc2d0a17b8f2ab5", "a}\n@\nZ…1:~}.\" #Z,{,Z",
        "01e8c6fc6b024604597a285b11fc9da43d9b80b5e45fc086ad90e7159ade4eeb",
    ),
    (
        {}, {}, "2026-04-04T02:16:17+00:00", "2e7a26e9c76c603fe7e8f9f60a227385", '9"€/,-)]文',
        "164ecf0c02b58fe27ce136e2d0e1034d75d3e09ca1ca7adab59661f126957291",
    ),
    (
        {}, {"PhoneNumberJson": "😀/X% 中€\"€(/&\n Z]a_/*~_?~:#名*: 😀…)}}(😀ab\"+文= ,云签Y文_-cb10云_@", "SignNameJson": "😀bbc9😀\n c😀"},
        "2026-02-24T01:04:54+00:00", "33061fbc5d082eeac3034515972939b0", "…Y:0*  1cc Z  &}09",
        "5ba396dd69e4ee18645b9d64976a51dfbd225df4970996c8d8e1185d886b375d",
    ),
]  # fmt: skip
"""Query, form, time, nonce and secret of calls of SendSms, and what alibabacloud-tea-openapi 0.4.6 signs them with."""
TC3_COMPUTED = [
    (
        '{"PhoneNumberSet": ["+8613800138000"], "SignName": "9中", "TemplateParamSet": []}', 1704138752,
        ".c!{名\n): c云\"X! [😀?;", "application/json; charset=utf-8",
        "e045189b14d7af8942db39a4399187f96a847b9c0d0acfb88e5fbb25f1b2cf4b",
    ),
    (
        r'{"PhoneNumberSet": ["+8613800138000"], "SignName": "\ud83d\ude00~\u6587", "TemplateParamSet": [",9\u7b7e\u540d-,~)(_\u6587.~/!&b'
        r"""';:?\u4e2d", "\u7b7e= [(\u20ac=\u2026}b\u540d~ a0\u2026+[.( {~~( c]\n", "1\u6587&\u2026-9{Z\u4e91Xb!\u4e91+]"]}""", 1789309015,
        "#?#@😀😀9Z名cZ# Y~\"😀+[?0c;Y~_,[}😀", "application/json",
        "ebe8ef21097abde5ce6958fd84cf96f184b5f30c6fda79424e236564f9f62f27",
    ),
]  # fmt: skip
"""Body, time, secret and content type of calls of SendSms, and what tencentcloud-sdk-python-common 3.1.195 signs them with."""


def test_alibaba_cloud_s_published_example_is_reproduced() -> None:
    headers = acs3.sign(
        ACS3_PUBLISHED, acs3.Key("YourAccessKeyId", "YourAccessKeySecret"), at=datetime.fromisoformat("2023-10-26T10:22:32Z"),
        nonce="3156853299f313e23d1673dc12e1703d",
    )  # fmt: skip
    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@pytest.mark.parametrize(("query", "form", "at", "nonce", "secret", "expected"), ACS3_COMPUTED)
def test_alibaba_cloud_s_library_signs_as_we_do(
    query: dict[str, str], form: dict[str, str], at: str, nonce: str, secret: str, expected: str
) -> None:
    call = acs3.RpcCall("dysmsapi.aliyuncs.com", "SendSms", "2017-05-25", query, form)
    assert acs3.sign(call, acs3.Key("id", secret), at=datetime.fromisoformat(at), nonce=nonce)["Authorization"].endswith(expected)


def test_tencent_cloud_s_published_example_is_reproduced() -> None:
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    key = tc3.Key("", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
    signed = tc3.signature(key, host="cvm.tencentcloudapi.com", service="cvm", body=body, at=1551113065)
    assert signed == "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


@pytest.mark.parametrize(("body", "at", "secret", "content_type", "expected"), TC3_COMPUTED)
def test_tencent_cloud_s_library_signs_as_we_do(body: str, at: int, secret: str, content_type: str, expected: str) -> None:
    signed = tc3.signature(
        tc3.Key("", secret), host="sms.tencentcloudapi.com", service="sms", body=body.encode(), at=at, content_type=content_type
    )  # fmt: skip
    assert signed == expected


def test_twilio_s_published_example_is_reproduced() -> None:
    form = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309", "To": "+18005551212"}
    assert twilio("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_twilio_s_mark_holds_with_and_without_the_scheme_s_own_port_and_for_no_other_address() -> None:
    form = [("MessageSid", "SM1"), ("Body", "1"), ("Body", "1"), ("Empty", "")]
    for given, public in (("https://t.example:443/h/x", "https://t.example/h/x"), ("http://10.0.0.7/h", "http://10.0.0.7:80/h")):
        assert is_genuine("token", public, form, twilio("token", given, form))
        assert is_genuine("token", given, form, twilio("token", public, form))
    assert not is_genuine("token", "https://t.example/h/x", form, twilio("token", "https://t.example/h/y", form))
    assert not is_genuine("token", "https://t.example/h/x", form, twilio("token", "http://t.example/h/x", form))
    assert not is_genuine("", "https://t.example/h/x", form, twilio("", "https://t.example/h/x", form)), (
        "without a token nothing is genuine"
    )
    assert read_form(b"A=%E5%9B%B0&B=&A=+1") == [("A", "困"), ("B", ""), ("A", " 1")]
