"""The settings of Alibaba Cloud's voice service."""

from pydantic import Field

from notifiers.channels.wire.aliyun import AliyunSettings
from notifiers.channels.wire.settings import Plain


class AliyunVoiceSettings(AliyunSettings):
    """Each setting is explained in docs/gateways/aliyun-voice.md."""

    endpoint: Plain = "https://dyvmsapi.aliyuncs.com"
    shown_number: Plain = ""
    play_times: int = Field(default=3, ge=1, le=3)
    speed: int = Field(default=0, ge=-500, le=500)
    volume: int = Field(default=100, ge=0, le=100)
    variable_length: int = Field(default=249, ge=1, le=249)
    """Characters of all variables together are less than 250. Source: help.aliyun.com, SingleCallByTts, TtsParam."""
    in_flight: int = Field(default=16, ge=1, le=1000)
