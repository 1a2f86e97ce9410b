"""SMS by Alibaba Cloud (dysmsapi 2017-05-25). See docs/gateways/aliyun-sms.md."""
