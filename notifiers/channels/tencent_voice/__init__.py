"""Calls that speak a registered text and hear keys, by Tencent Cloud (vms 2020-09-02). See docs/gateways/tencent-voice.md."""
