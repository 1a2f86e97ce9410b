"""A canary per building and channel: once a day a test message proves that the way to residents is open, and its silence is news."""
