"""The app as it is served, without its pages: a hostile client needs only the websocket and the API.

`python -m granian … --factory tests.support.security.served:app`; every refusal of the gate is a line in its log.
"""

from __future__ import annotations

import logging

from booking_ui.booking_ui import app as served

logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
logging.getLogger("booking_ui").setLevel(logging.INFO)

app = served
