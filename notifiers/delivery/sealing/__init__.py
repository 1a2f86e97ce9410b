"""The denominator of a message: who its members are, written down once, in one statement and one snapshot.

What is small or urgent is sealed in the transaction that announces it. News to many may be left for the lane `fan_out`, so that nobody waits for
a hundred thousand rows under an incident's lock: `message.to_seal` then says whom they are for. Whoever needs the members of such a message
before that seals it first, by `seal_now`.
"""
