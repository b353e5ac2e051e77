"""Names that are no names but messages: a web or mail address, or a telephone number.

Whoever registers another person's email chooses a name that the clinic's mails might repeat, and a mail program makes a link
of everything that looks like an address.
"""

from __future__ import annotations

import re
import unicodedata

from booking_ui.languages import N_

KIND = "address"
SENTENCE = N_("Write a name without a web address, an email or a phone number. Put a space after a dot.")

# Initials stay names: S.Ramesh, A.P.J. Abdul, Ph.D. Two letters or more on both sides of a dot are a host: bit.ly.
_ADDRESS = re.compile(r"://|@|\bwww\b|\w{2,}\.\w{2,}|\w\.\w{2,}[/:]|\d+\.\d+\.", re.IGNORECASE)
_NUMBER = 7  # digits, whatever stands between them


def looks_like_address(name: str) -> bool:
    """True also for letters and dots of another width: browsers and mail programs read them as the plain ones."""
    plain = unicodedata.normalize("NFKC", name).replace("。", ".")
    return bool(_ADDRESS.search(plain)) or sum(map(str.isdecimal, plain)) >= _NUMBER
