"""What the stories are told with: a clock that can be moved, phones that ring, gateways that are real servers."""
