"""Every kind of channel there is. Adding one: a folder of the same shape, one line here, a fake in the conformance suite, a page in docs/gateways."""

from types import MappingProxyType

from notifiers.channels.aliyun_sms.channel import open_aliyun_sms
from notifiers.channels.aliyun_sms.settings import AliyunSmsSettings
from notifiers.channels.aliyun_voice.channel import open_aliyun_voice
from notifiers.channels.aliyun_voice.settings import AliyunVoiceSettings
from notifiers.channels.apprise.channel import open_apprise
from notifiers.channels.apprise.settings import AppriseSettings
from notifiers.channels.by_hand.channel import open_by_hand
from notifiers.channels.by_hand.settings import ByHandSettings
from notifiers.channels.dingtalk.channel import open_dingtalk
from notifiers.channels.dingtalk.settings import DingtalkSettings
from notifiers.channels.dingtalk_work.channel import open_dingtalk_work
from notifiers.channels.dingtalk_work.settings import DingtalkWorkSettings
from notifiers.channels.feishu.channel import open_feishu
from notifiers.channels.feishu.settings import FeishuSettings
from notifiers.channels.feishu_app.channel import open_feishu_app
from notifiers.channels.feishu_app.settings import FeishuAppSettings
from notifiers.channels.http_sms.channel import open_http_sms
from notifiers.channels.http_sms.settings import HttpSmsSettings
from notifiers.channels.http_voice.channel import open_http_voice
from notifiers.channels.http_voice.settings import HttpVoiceSettings
from notifiers.channels.shape import ChannelKind
from notifiers.channels.smtp.channel import open_smtp
from notifiers.channels.smtp.settings import SmtpSettings
from notifiers.channels.tencent_sms.channel import open_tencent_sms
from notifiers.channels.tencent_sms.settings import TencentSmsSettings
from notifiers.channels.tencent_voice.channel import open_tencent_voice
from notifiers.channels.tencent_voice.settings import TencentVoiceSettings
from notifiers.channels.twilio.channel import open_twilio
from notifiers.channels.twilio.settings import TwilioSettings
from notifiers.channels.wecom.channel import open_wecom
from notifiers.channels.wecom.settings import WecomSettings
from notifiers.channels.wecom_app.channel import open_wecom_app
from notifiers.channels.wecom_app.settings import WecomAppSettings

KINDS = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            ChannelKind("http_sms", "sms", HttpSmsSettings, open_http_sms),
            ChannelKind(
                "aliyun_sms", "sms", AliyunSmsSettings, open_aliyun_sms, account=("access_key_id",), asks=True, registered_only=True
            ),
            ChannelKind(
                "tencent_sms", "sms", TencentSmsSettings, open_tencent_sms, account=("sdk_app_id",), asks=True, registered_only=True
            ),
            ChannelKind("twilio", "sms", TwilioSettings, open_twilio, account=("account_sid",), asks=True),
            ChannelKind("smtp", "email", SmtpSettings, open_smtp, account=("host", "username")),
            ChannelKind("http_voice", "voice", HttpVoiceSettings, open_http_voice),
            ChannelKind(
                "aliyun_voice", "voice", AliyunVoiceSettings, open_aliyun_voice, account=("access_key_id",), asks=True, registered_only=True
            ),
            ChannelKind("tencent_voice", "voice", TencentVoiceSettings, open_tencent_voice, account=("sdk_app_id",), registered_only=True),
            # 100 a minute and 5 a second; 20 a minute, of which 18 are used: a burst of 3 and one each four seconds.
            ChannelKind("feishu", "chat", FeishuSettings, open_feishu, rate_per_second=1.5, burst=5, mirror=True),
            ChannelKind("dingtalk", "chat", DingtalkSettings, open_dingtalk, rate_per_second=0.25, burst=3, mirror=True),
            ChannelKind("wecom", "chat", WecomSettings, open_wecom, rate_per_second=0.25, burst=3, mirror=True),
            ChannelKind(
                "wecom_app", "chat", WecomAppSettings, open_wecom_app, rate_per_second=20.0, burst=20, account=("corp_id",), may_drop=True
            ),
            ChannelKind(
                "dingtalk_work",
                "chat",
                DingtalkWorkSettings,
                open_dingtalk_work,
                rate_per_second=20.0,
                burst=20,
                account=("app_key",),
                asks=True,
                may_drop=True,
            ),
            # 1000 a minute and 50 a second for each application. Source: open.feishu.cn, "send message".
            ChannelKind(
                "feishu_app", "chat", FeishuAppSettings, open_feishu_app, rate_per_second=15.0, burst=30, account=("app_id",), asks=True
            ),
            ChannelKind("apprise", "chat", AppriseSettings, open_apprise, rate_per_second=0.25, burst=3, mirror=True),
            ChannelKind("by_hand", "by_hand", ByHandSettings, open_by_hand),
        )
    }
)
