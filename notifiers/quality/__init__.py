"""Reads what became of deliveries and what people texted back, and lets the directory learn how good its addresses are."""
