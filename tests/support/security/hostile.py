"""Every handler of every State, called by every attacker with arguments that a page would send and ones it never would."""

from __future__ import annotations

import http.client
import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from reflex_base.registry import RegistrationContext

from booking_ui import booking_ui as app_module
from booking_ui.domain.clock import utc_now
from booking_ui.edge.gate import Spec, refusal_of_arguments, spec
from booking_ui.services.accounts import authentication
from tests.support.security.clinic import Served, belongings, version
from tests.support.security.socket import NOTICE, Tab
from tests.support.security.stage import HELD_ORDER, PAYMENT, Stage

assert app_module.app  # importing the app registers the handlers

ROOT = "reflex___state____state"
BURST = 50  # events of one tab; the gate cuts a flood, and here each event must be judged
CHAIN = 3  # events at once when each is answered: an answer may cause half a dozen further events
WRONG: tuple[object, ...] = (
    None, "abc'; drop table person; --", [1], {"id": 1}, -1, 0, 1.5, 2**63, "\x00", "x" * 5_000, True, [[["a"]]],
    {"__reflex_form_data__": "nonsense"}, {"__reflex_form_data__": [["slot_id", "1"], ["patient_id", "1"]]},
)  # fmt: skip
EXTRA = {"_admin": True, "patient_id": 1, "self": 1, "app": "x"}
# Words that only an exception has, and our sentence for one.
SPILT = ("Traceback", "sqlalchemy", "ValidationError", "site-packages", "Error:", "went wrong on our side")
_REFUSED = re.compile(r"booking_ui\.edge\.gate refused (\S+): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Attacker:
    """`role` is the one that the gate must see; empty for nobody."""

    name: str
    role: str
    cookie: str


@dataclass
class Tally:
    """Counts of one handler's calls by attacker: refused, and answered as declared."""

    handler: str
    declared: str
    refused: dict[str, int] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)


def handlers() -> dict[str, Spec]:
    """Every handler that a browser can name, Reflex's own included; those of tests are not served."""
    found = {}
    for name in sorted(RegistrationContext.ensure_context().event_handlers):
        known = spec(name)
        if known is not None and not name.startswith(f"{ROOT}.tests___"):
            found[name] = known
    return found


def attackers(stage: Stage) -> list[Attacker]:
    now = utc_now()

    def session(person_id: int) -> str:
        return authentication.open_session(person_id=person_id, now=now)

    over = session(stage.cast.asha)
    authentication.close_session(token=over, now=now)
    stale = authentication.open_session(person_id=stage.cast.asha, now=now - timedelta(days=60))
    return [
        Attacker("nobody", "", ""),
        Attacker("signed out", "", over),
        Attacker("expired", "", stale),
        Attacker("forged cookie", "", "A" * 43),
        Attacker("another patient", "patient", session(stage.cast.bilal)),
        Attacker("doctor", "doctor", session(stage.doctor)),
        Attacker("desk", "admin", session(stage.cast.devi.person_id)),
    ]


def fitting(known: Spec, stage: Stage) -> dict[str, object]:
    """Arguments of the declared types, about Asha's things."""
    return {name: _example(name, adapter.json_schema(), stage) for name, adapter in known.arguments.items()}


def _example(name: str, schema: dict[str, Any], stage: Stage) -> Any:
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if "anyOf" in schema:
        return _example(name, schema["anyOf"][0], stage)
    if schema.get("type") == "object":
        wanted = schema.get("properties", {})
        return {field: _example(field, one, stage) for field, one in wanted.items()}
    if schema.get("type") == "integer":
        ids = {"slot_id": stage.cast.slots[0], "appointment_id": stage.visit.id, "event_id": stage.event_id}
        return ids.get(name, 1)
    if schema.get("type") == "array":
        return []
    if schema.get("type") == "boolean":
        return True
    words = {
        "razorpay_order_id": HELD_ORDER, "razorpay_payment_id": PAYMENT, "razorpay_signature": "0" * 64,
        "reference": stage.visit.reference, "text": "said", "day": "2026-01-06",
    }  # fmt: skip
    return words.get(name, "1")


def payloads(known: Spec, stage: Stage, *, thorough: bool) -> list[dict[str, object]]:
    """Payloads with fitting, missing and superfluous arguments, and with ones of the wrong type."""
    fits = fitting(known, stage)
    found = [fits, {**fits, **EXTRA}]
    if fits:
        found.append({})
    for argument in fits:
        chosen = WRONG if thorough else WRONG[:2]
        found += [{**fits, argument: wrong} for wrong in chosen]
        if thorough and isinstance(fits[argument], dict):
            form: dict[str, object] = fits[argument]  # type: ignore[assignment]  # an example of a form
            found += [{**fits, argument: {**form, name: wrong}} for name in form for wrong in WRONG]
    return found


def repeated(tab: Tab, noise: str, times: int) -> None:
    """Send one packet many times. Raises ConnectionClosed, or TimeoutError when the server keeps listening."""
    for _ in range(times):
        tab.raw(noise)
    tab.until("nothing of ours")


def refusal(known: Spec, payload: dict[str, object], role: str) -> str:
    """The reason for which the gate must refuse; empty when the call is declared for that role."""
    if known.roles is None:
        return "not declared"
    if reason := refusal_of_arguments(known, deepcopy(payload)):
        return reason
    if not known.roles or role in known.roles:
        return ""
    return "role" if role else "anonymous"


@dataclass
class Attack:
    """One attacker at every handler. A finding is a sentence; there should be none."""

    at: Served
    who: Attacker
    thorough: bool
    findings: list[str] = field(default_factory=list)
    _tab: Tab | None = None
    _left: int = 0

    def run(self, tallies: dict[str, Tally]) -> None:
        """Make the calls that must be refused before the declared ones, whose effects may outlast their answer."""
        for name, known in handlers().items():
            tally = tallies.setdefault(name, Tally(short(name), declared(known)))
            tally.refused[self.who.name] = tally.answered[self.who.name] = 0
        for declared_ones in (False, True):
            for name, known in handlers().items():
                sent = payloads(known, self.at.stage, thorough=self.thorough)
                if self.who.cookie and not self.who.role and not self.thorough:
                    sent = sent[:1]  # without a session the types are never looked at
                chosen = [one for one in sent if (refusal(known, one, self.who.role) == "") is declared_ones]
                step = BURST - 2
                if declared_ones:  # a page that loads twice loses the mark that ends its answers
                    step = 1 if known.framework else CHAIN
                for start in range(0, len(chosen), step):
                    self._call(name, known, chosen[start : start + step], tallies[name])
        self._close()

    def _call(self, name: str, known: Spec, sent: list[dict[str, object]], tally: Tally) -> None:
        """`sent` are calls that are all to be refused, or all declared."""
        reasons = list(filter(None, (refusal(known, payload, self.who.role) for payload in sent)))
        tab = self._open(len(sent) + 1 if reasons else BURST)
        before, seen = belongings(self.at), version(self.at)
        logged = self.at.log.stat().st_size
        for payload in sent:
            tab.send(name, payload)
        frames = tab.settle(NOTICE)
        self._judge(name, reasons, frames, logged)
        if reasons and version(self.at) != seen:
            self.findings.append(f"{self.who.name}: {short(name)} was refused and changed the database")
        if self.who.role != "admin" and belongings(self.at) != before:
            self.findings.append(f"{self.who.name}: {short(name)} changed something of Asha's")
        tally.refused[self.who.name] += len(reasons)
        tally.answered[self.who.name] += len(sent) - len(reasons)

    def _judge(self, name: str, reasons: list[str], frames: list[str], logged: int) -> None:
        said = "\n".join(frames)
        with self.at.log.open() as log:
            log.seek(logged)
            lines = log.read()
        refused = [reason for handler, reason in _REFUSED.findall(lines) if handler == name]
        if refused != reasons:
            self.findings.append(f"{self.who.name}: {short(name)} refused {refused}, expected {reasons}")
        if spilt := [word for word in SPILT if word in said]:
            self.findings.append(f"{self.who.name}: {short(name)} let out {spilt}")
        if "Traceback" in lines:
            self.findings.append(f"{self.who.name}: {short(name)} made the server fail: {lines[-300:]}")
        if self.who.role != "admin" and (secrets := leaked(self.at.stage, said)):
            self.findings.append(f"{self.who.name}: {short(name)} was told {secrets}")

    def _open(self, events: int) -> Tab:
        if self._tab is None or self._left < events:
            self._close()
            self._tab = Tab(self.at.address, cookie=self.who.cookie, place=at_ashas(self.at.stage))
            self._tab.settle(NOTICE)
            self._left = BURST
        self._left -= events
        return self._tab

    def _close(self) -> None:
        if self._tab is not None:
            self._tab.close()


def at_ashas(stage: Stage) -> dict[str, Any]:
    """The address of Asha's visit, which an attacker may know."""
    reference = stage.visit.reference
    return {
        "pathname": "/appointment/[booking_ref]",
        "asPath": f"/appointment/{reference}/?ref={reference}",
        "query": {"booking_ref": reference, "ref": reference},
    }


def leaked(stage: Stage, text: str) -> list[str]:
    """Asha's secrets in a text, except the reference, which the attacker sent."""
    return [one for one in stage.secrets_in(text) if one != stage.visit.reference]


def short(name: str) -> str:
    """`account_state.load`, without the path of its module."""
    state, _, handler = name.rpartition(".")
    return f"{state.rpartition('____')[2]}.{handler}"


def declared(known: Spec) -> str:
    if known.roles is None:
        return "nobody"
    who = ", ".join(known.roles) or "everybody"
    return f"{who} (framework)" if known.framework else who


def attack_all(at: Served, *, thorough: bool) -> tuple[dict[str, Tally], list[str]]:
    """The tallies by handler, and the findings, of all attackers."""
    tallies: dict[str, Tally] = {}
    findings: list[str] = []
    for who in attackers(at.stage):
        attack = Attack(at, who, thorough)
        attack.run(tallies)
        findings += attack.findings
    return tallies, findings


def open_tab_of_asha(at: Served) -> Tab:
    """A tab of Asha's with the visit open, so that its state holds secrets."""
    cookie = authentication.open_session(person_id=at.stage.cast.asha, now=utc_now())
    tab = Tab(at.address, cookie=cookie, place=at_ashas(at.stage))
    tab.send(f"{ROOT}.hydrate_and_load", {})
    tab.until("Zebrawood splinters")
    return tab


def replayed(at: Served, name: str, cookie: str) -> list[str]:
    """Secrets told to a client with the token of Asha's closed tab whose first event is this handler."""
    ashas = open_tab_of_asha(at)
    ashas.close()
    known = handlers()[name]
    tab = Tab(at.address, cookie=cookie, token=ashas.token, place=at_ashas(at.stage))
    tab.send(name, fitting(known, at.stage))
    secrets = leaked(at.stage, "\n".join(tab.settle(NOTICE)))
    tab.send(f"{ROOT}.hydrate_and_load", {})
    secrets += leaked(at.stage, "\n".join(tab.settle(NOTICE)))
    tab.close()
    return secrets


def gets_a_socket(at: Served, origin: str, *, transport: str = "websocket") -> bool:
    """True when a page of that origin gets a socket with the cookie that its browser would send."""
    cookie = authentication.open_session(person_id=at.stage.cast.asha, now=utc_now())
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    headers = {"Origin": origin, "Cookie": f"sid={cookie}", **(upgrade if transport == "websocket" else {})}
    connection = http.client.HTTPConnection(at.address.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", f"/_event/?EIO=4&transport={transport}&token=t", headers=headers)
        return connection.getresponse().status in {101, 200}
    finally:
        connection.close()
