"""The JSON interface, version 1: each module one area; api.routes lists every operation."""
