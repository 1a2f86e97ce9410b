"""Handing a shift over: what is open, frozen and signed by who goes and who comes; a change of shift that nobody signed is told."""
