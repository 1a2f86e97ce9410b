"""Codes for telephones' cameras, as drawings within the page."""

import segno
from markupsafe import Markup

QUIET_MODULES = 4
"""What must stay empty around a code (ISO/IEC 18004), in modules."""


def code_of(address: str) -> Markup:
    """An SVG of the address, black on white whatever the theme. A quarter of it may be torn off or wet (level Q)."""
    made = segno.make_qr(address, error="q", boost_error=False)
    return Markup(made.svg_inline(border=QUIET_MODULES, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None))
