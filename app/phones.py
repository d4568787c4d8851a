"""Phone numbers as people write them, and as a phone dials them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

# an extension, a note or another number ends it
NUMBER = re.compile(r"\+?\s*[\d(][\d\s().\-\u2010-\u2015/·]*\d")
EXTENSION = re.compile(r"\s*(x\s*\d|ext)", re.IGNORECASE)
# between a country's code and the rest: dialled only inside the country
TRUNK_PREFIX = re.compile(r"\(\s*0\s*\)")
FEWEST, MOST = 3, 15  # digits


def dialled(phone: str) -> str | None:
    """What is to be dialled: a leading + and digits; none where the text is no number."""
    text = unicodedata.normalize("NFKC", phone)
    found = NUMBER.search(text)
    if found is None:
        return None
    rest = text[found.end() :].lstrip("- ")
    # letters to be dialled, as in 1-800-FLOWERS
    if re.match(r"[^\W\d_]{4}", rest) and not EXTENSION.match(rest) and rest[:4].isupper():
        return None
    number = found[0]
    if number.startswith("+"):
        number = TRUNK_PREFIX.sub("", number)
    digits = "".join(str(int(sign)) for sign in number if sign.isdecimal())
    if not FEWEST <= len(digits) <= MOST:
        return None
    return f"+{digits}" if number.startswith("+") else digits


def link(phone: str) -> str:
    """An address that dials; of a text that is no number one that does not, yet is its own."""
    return f"tel:{dialled(phone) or f';{quote(phone)}'}"
