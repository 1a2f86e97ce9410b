"""Calls that speak a registered text and hear keys, by Alibaba Cloud (dyvmsapi 2017-05-25). See docs/gateways/aliyun-voice.md."""
