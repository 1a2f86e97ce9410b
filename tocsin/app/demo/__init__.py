"""The demo: a town that is lived in, gateways that catch what is sent, and one command that runs it all."""
