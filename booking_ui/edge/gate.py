"""The gate: every event is refused unless its handler declares who may call it, and with which types.

Reflex lets anyone on the internet call any public method of any State with any arguments. So a handler reads

    @rx.event
    @allow("patient")
    async def cancel(self, appointment_id: Id): ...

`@allow()` is for everybody, `@allow("patient", "admin")` for those roles, no `@allow` for nobody. Arguments are converted
and bounded by their annotations; forms are TypedDicts. The gate knows roles, not rows: a handler passes
`principal().person_id` to the service, and the service owns the question whose row it is.
"""

from __future__ import annotations

import inspect
import logging
import time
import typing
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

import reflex as rx
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from reflex.event import Event
from reflex.middleware import Middleware
from reflex.state import BaseState, OnLoadInternalState, StateUpdate
from reflex_base.registry import RegistrationContext
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotSignedIn
from booking_ui.edge import access
from booking_ui.edge.threads import call, call_quick
from booking_ui.languages import language_of, speak, to
from booking_ui.services.accounts import authentication, sessions
from booking_ui.services.limits import rate_limits
from booking_ui.services.views import Principal

logger = logging.getLogger(__name__)

Role = Literal["patient", "admin", "doctor"]
Handler = TypeVar("Handler", bound=Callable[..., Any])

# What arguments may be. Nothing from a browser is unbounded.
Id = Annotated[int, Field(gt=0, lt=2**31)]
Short = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)]
Reference = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9_-]*$")]
Sentence = Annotated[str, StringConstraints(max_length=400)]

STRICT = ConfigDict(extra="forbid")
"""For `@with_config(STRICT)` on a form. Forms are TypedDicts: Reflex checks their names against the page it compiles."""

PRINCIPAL: ContextVar[Principal | None] = ContextVar("principal", default=None)

# Framework handlers a browser needs, with the arguments it sends; `setvar` and its like are not among them.
_Report = Annotated[
    str, AfterValidator(lambda text: text[:4_000])
]  # goes to the log, as long as its sender likes
_Stored = Annotated[dict[str, Any], Field(max_length=0)]  # cookies and local storage as vars: we have none
FRAMEWORK: dict[str, dict[str, Any]] = {
    "hydrate": {},
    "hydrate_and_load": {"vars": _Stored | None, "hashes": list[str] | None},
    "set_is_hydrated": {"value": bool},
    "on_load_internal": {},
    "update_vars_internal": {"vars": _Stored},
    "handle_frontend_exception": {"info": _Report, "component_stack": _Report},
}

TAB_BURST = 60  # events a tab may send at once …
TAB_PER_SECOND = 20.0  # … and in the long run
TABS_KNOWN = 10_000


def allow(*roles: Role) -> Callable[[Handler], Handler]:
    """Declare who may call a handler; no roles means everybody, signed in or not."""

    def declare(handler: Handler) -> Handler:
        handler.__allow__ = roles  # type: ignore[attr-defined]  # read back by `spec`
        return handler

    return declare


def visitor() -> Principal | None:
    """The person who calls, or None when nobody is signed in."""
    return PRINCIPAL.get()


def principal() -> Principal:
    """The person who calls. Raises NotSignedIn."""
    who = PRINCIPAL.get()
    if who is None:
        raise NotSignedIn
    return who


def session_digest(state: BaseState) -> str:
    """The sha256 of the session token with which the socket was opened; empty when there was none.

    edge/perimeter.py leaves no more of the cookie: Reflex keeps a tab's headers with its page, in Redis or a file, and from
    there the cookie itself would open a session.
    """
    return str(state.router.headers.cookie).removeprefix(f"{sessions.cookie_name()}=")


async def tab_principal(state: BaseState) -> Principal | None:
    """The person who holds the tab, read from the database each time, so that signing out works at once."""
    digest = session_digest(state)
    return (
        await call(authentication.session_principal_by_digest, digest=digest, now=utc_now())
        if digest
        else None
    )


@dataclass(frozen=True)
class Spec:
    framework: bool
    roles: tuple[str, ...] | None
    arguments: dict[str, TypeAdapter[Any]]
    required: frozenset[str]


@cache
def spec(name: str) -> Spec | None:
    """The handler registered for the event `name`, as a Spec; None when there is none."""
    registered = RegistrationContext.ensure_context().event_handlers.get(name)
    if registered is None:
        return None
    fn = registered.handler.fn
    framework = fn.__module__.partition(".")[0] in {"reflex", "reflex_base"}
    parameters = list(inspect.signature(fn).parameters.values())[1:]
    hints = FRAMEWORK.get(fn.__name__) if framework else typing.get_type_hints(fn, include_extras=True)
    if hints is None:
        return Spec(True, None, {}, frozenset())
    return Spec(
        framework=framework,
        roles=() if framework else getattr(fn, "__allow__", None),
        arguments={p.name: TypeAdapter(hints.get(p.name, typing.Never)) for p in parameters},
        required=frozenset(p.name for p in parameters if p.default is inspect.Parameter.empty),
    )


class Buckets:
    """Token buckets: each tab may send a burst of events, then so many a second.

    Each worker counts by itself; the tabs that were quiet longest are dropped.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        burst: float = TAB_BURST,
        per_second: float = TAB_PER_SECOND,
    ) -> None:
        self._clock, self._burst, self._per_second = clock, float(burst), per_second
        self._tabs: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, tab: str) -> bool:
        now = self._clock()
        left, then = self._tabs.pop(tab, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._per_second)
        self._tabs[tab] = (max(left - 1, 0.0), now)
        if len(self._tabs) > TABS_KNOWN:
            self._tabs.popitem(last=False)
        return left >= 1


def _form_fields(value: Any) -> Any:
    """A submitted form as a dict: Reflex sends its fields as ordered pairs under one key. Other values stay as they are."""
    if isinstance(value, dict) and set(value) == {FORM_DATA_ENTRIES_KEY}:
        pairs = value[FORM_DATA_ENTRIES_KEY]
        if isinstance(pairs, list) and all(isinstance(p, list) and len(p) == 2 for p in pairs):
            return {str(name): field for name, field in pairs}
    return value


def refusal_of_arguments(accepted: Spec, payload: dict[str, Any]) -> str:
    """Convert `payload` in place. Returns the reason when it does not fit, else an empty string."""
    if set(payload) - set(accepted.arguments) or not accepted.required <= set(payload):
        return "arguments"
    try:
        for name, value in list(payload.items()):
            payload[name] = accepted.arguments[name].validate_python(_form_fields(value))
    except ValidationError:
        return "type"
    return ""


def page_language(state: BaseState) -> str:
    """The language of the page that the tab shows; its address is the truth."""
    return language_of(str(state.router.url.path))


def sign_in_address(state: BaseState) -> str:
    url = state.router.url
    back = f"{url.path}?{url.query}" if url.query else url.path
    return f"{to('/sign-in/')}?next={quote(back, safe='')}"


class OwnerState(rx.State):
    """The person whose data the tab's state holds, by id; 0 for nobody."""

    _person_id: int = 0


async def changed_hands(state: BaseState, who: Principal | None) -> bool:
    """Empty the tab's state if it holds another person's data; True when it did.

    Reflex ties state to a token that outlives signing out and that others may learn. Without this the next person on
    the tab would be sent the last one's visits before any handler runs.
    """
    owner = await state.get_state(OwnerState)
    now = who.person_id if who else 0
    before, owner._person_id = owner._person_id, now  # noqa: SLF001 - public, it would be an event handler
    if not before or before == now:
        return False
    for cls in _page_states(rx.State):
        if cls is not OwnerState:
            (await state.get_state(cls)).reset()  # type: ignore[no-untyped-call]
    return True


def _page_states(parent: type[BaseState]) -> Iterator[type[BaseState]]:
    for child in parent.get_substates():
        if not child.__module__.startswith(("reflex.", "reflex_base.")):
            yield child
        yield from _page_states(child)


async def too_often(*, address: str = "", person_id: int = 0) -> bool:
    """Count one more event from this address, or by this person; True when it is one too many."""
    if person_id:
        return not await call_quick(
            rate_limits.is_within, rate_limits.limit_person, name="events", person_id=person_id
        )
    return not await call_quick(
        rate_limits.is_within, rate_limits.limit_address, name="events_address", host=address
    )


class Gate(Middleware):
    """Judges every event before its handler runs, background and chained events too."""

    def __init__(self) -> None:
        self._buckets = Buckets()

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002
        PRINCIPAL.set(None)
        speak(page_language(state))
        access.name_event()
        accepted = spec(event.name)
        if accepted is None:
            return _deny(event, "unknown")
        session = state.router.session
        if not self._buckets.take(session.client_token) or await too_often(address=session.client_ip):
            return _deny(event, "rate")
        if accepted.roles is None:
            return _deny(event, "not declared")
        if reason := refusal_of_arguments(accepted, event.payload):
            return _deny(event, reason)
        who = await tab_principal(state)
        if who and await too_often(person_id=who.person_id):
            return _deny(event, "rate")
        lost = await changed_hands(state, who)
        if accepted.framework:
            return None
        if accepted.roles and who is None:
            return _deny(event, "anonymous", rx.redirect(sign_in_address(state)))
        if accepted.roles and who is not None and who.role not in accepted.roles:
            return _deny(event, "role", rx.redirect(f"{sign_in_address(state)}&problem=forbidden"))
        if lost:  # the session ended under an open page: load it again for whoever this is now
            return _deny(event, "changed hands", OnLoadInternalState.on_load_internal)
        PRINCIPAL.set(who)
        access.write_event(event.name)
        return None


LEVELS = {
    "anonymous": logging.INFO,
    "role": logging.INFO,
    "rate": logging.DEBUG,
}  # the rest is not our page's doing


def _deny(event: Event, reason: str, instead: Any = None) -> StateUpdate:
    logger.log(LEVELS.get(reason, logging.WARNING), "refused %s: %s", event.name, reason)
    return StateUpdate(events=Event.from_event_type(instead) if instead is not None else [])
