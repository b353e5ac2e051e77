"""The bodies with which providers of SMS refuse a message under a 200."""

from __future__ import annotations

import json
import re
from typing import Any

LONGEST = 200_000  # bytes of an answer that are read

_BAD = re.compile(r"err(or)?|fail(ed|ure)?|reject(ed)?|invalid|undelivered|denied|ko|nok", re.IGNORECASE)
_BAD_TEXT = re.compile(
    r"\s*[\"']?(err(or)?|fail(ed|ure)?|invalid|rejected)\b|<(error|fault|restexception)\b"
    r"|.*?<(status|result|state|type)>\s*(err(or)?|fail(ed|ure)?|invalid|rejected)\s*</",
    re.IGNORECASE | re.DOTALL,
)
# Names as they are compared: in lower case, without - and _.
_YES = ("success", "ok", "accepted", "return")
_STATES = ("status", "statuscode", "type", "result", "state", "code", "messagestatus")
_FAULTS = ("error", "errors", "errorcode", "errormessage", "errortext", "exception", "fault")
_NO_FAULT = re.compile(r"0*|none|null|ok|success(ful(ly)?)?|done|no error", re.IGNORECASE)


def tells_of_error(body: bytes) -> bool:
    """True when the body of a 2xx tells of an error, in one of the ways in which providers of SMS do."""
    try:
        said = json.loads(body[:LONGEST])
    except ValueError:
        return bool(_BAD_TEXT.match(body[:500].decode(errors="replace")))
    return _tells_of_error(said, depth=4)


def _tells_of_error(said: Any, depth: int) -> bool:
    if isinstance(said, list):
        return depth > 0 and any(_tells_of_error(one, depth - 1) for one in said)
    if not isinstance(said, dict):
        return isinstance(said, str) and bool(_BAD_TEXT.match(said))
    for name, value in said.items():
        word = str(name).lower().replace("_", "").replace("-", "")
        if word in _YES and value in (False, "false", "False", 0):
            return True
        if word in _FAULTS and _is_fault(value):
            return True
        if word in _STATES and _is_bad_state(value):
            return True
        if isinstance(value, dict | list) and depth > 0 and _tells_of_error(value, depth - 1):
            return True
    return False


def _is_fault(value: Any) -> bool:
    """False for what stands beside a field named error when there was none: 0, "000", "Success"."""
    return not _NO_FAULT.fullmatch(value.strip()) if isinstance(value, str) else bool(value)


def _is_bad_state(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return (
        400 <= value < 600
        if isinstance(value, int)
        else bool(isinstance(value, str) and _BAD.fullmatch(value))
    )
