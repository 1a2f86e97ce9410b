"""News to many as ranges of numbers: what waits, goes out and is taken by the hundred is one row for all of it.

A range is a stretch of one message's numbers, of which those of one channel are meant; whom they reach stands with the message's members. It is
made by the fan-out, a claim takes a piece of it, and what the gateway simply took is settled from it. Whatever else happens to a delivery
(refused, uncertain, its sender lost, stopped, led to another way) happens to a row in `delivery`: `rows.py` makes rows of ranges. Ranges on
the wire are touched only by whoever holds their message.
"""
