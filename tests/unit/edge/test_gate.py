"""Every event is refused unless its handler says who may call it, with which types."""

from __future__ import annotations

from typing import Any, NotRequired

import pytest
import reflex as rx
from pydantic import with_config
from reflex_base.registry import RegistrationContext
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY
from typing_extensions import TypedDict

from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotSignedIn, RateLimited
from booking_ui.edge.gate import STRICT, TAB_BURST, Buckets, Id, Sentence, allow, principal, spec, visitor
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import claim
from booking_ui.states.patient.appointments import AppointmentsState
from booking_ui.states.patient.checkout import CheckoutState
from booking_ui.states.patient.hold import HoldState
from booking_ui.states.patient.search import SearchState
from booking_ui.states.shared.session import NoticeState, SessionState, Who
from tests.support.cast import NOW, Cast
from tests.support.tab import Tab, run, signed_in

STATES = "reflex___state____state.booking_ui___states___"

# Everybody on the internet may call these. Whoever adds one says here that it is harmless.
PUBLIC = {
    "shared___session____session_state.load",
    "shared___session____notice_state.tell",
    "shared___session____notice_state.dismiss",
    "patient___search____search_state.load",
    "patient___search____search_state.search",
    "patient___hold____hold_state.hold",
    "patient___doctor____doctor_state.load",
    "patient___doctor____doctor_state.show_day",
    "patient___doctor____doctor_state.choose",
    "patient___doctor____doctor_state.leave",
    "patient___checkout____checkout_state.leave",
    "patient___appointment____appointment_state.leave",
    "patient___sign_in____sign_in_state.load",
    # The link of a message is the only thing that shows anything here.
    "patient___visit_link____visit_link_state.load",
    # Leaving a page stops its pushes, also when the session ended meanwhile.
    "desk___bookings____bookings_state.leave",
    "desk___booking____booking_state.leave",
    "desk___book_for_patient____book_for_patient_state.leave",
    "desk___books____books_state.leave",
    "desk___webhooks____webhooks_state.leave",
    "desk___doctors____doctors_state.leave",
    "desk___doctor____edit_doctor_state.leave",
    "desk___mail____mail_state.leave",
    "desk___messages____messages_state.leave",
    "desk___open_cases____open_cases_state.leave",
    "desk___payouts____payouts_state.leave",
    "desk___audit____audit_state.leave",
    "doctor___day____day_state.leave",
}
EVERYBODY_SIGNED_IN = {
    "patient___account____account_state.load",
    "patient___account____account_state.send_verification",
}


@with_config(STRICT)
class ProbeForm(TypedDict):
    """A form with a number and, if its sender likes, some words."""

    slot_id: Id
    reason: NotRequired[Sentence]


class GateProbeState(rx.State):
    """Handlers as a careless developer may leave them."""

    seen: str = ""

    def helper(self, secret: str = "") -> None:
        self.seen = secret

    @rx.event
    async def undeclared(self) -> None:
        self.seen = "undeclared"

    @rx.event
    @allow()
    async def open_to_all(self, number: Id, note: str = "") -> None:
        self.seen = f"{number}{note}"

    @rx.event
    @allow()
    async def form_for_all(self, form: ProbeForm) -> None:
        self.seen = str(form)


def ours() -> dict[str, tuple[str, ...] | None]:
    """Every registered handler of ours with its roles; the framework's setters are left to their own test."""
    found = {}
    for name in RegistrationContext.ensure_context().event_handlers:
        known = spec(name)
        assert known is not None
        if name.startswith(STATES) and not known.framework:
            found[name.removeprefix(STATES)] = known.roles
    return found


def probe(handler: str) -> str:
    return f"{GateProbeState.get_full_name()}.{handler}"


def accepted(tab: Tab, name: str, **payload: Any) -> bool:
    return run(tab.passes(name, payload)) is None


def test_every_handler_declares_who_may_call_it() -> None:
    assert [name for name, roles in ours().items() if roles is None] == []


def test_only_the_listed_handlers_are_open_to_everybody() -> None:
    assert {name for name, roles in ours().items() if roles == ()} == PUBLIC


def test_handlers_for_more_than_one_role_are_listed() -> None:
    assert {name for name, roles in ours().items() if roles and len(roles) > 1} == EVERYBODY_SIGNED_IN


def test_the_desks_handlers_are_for_admins_alone() -> None:
    desk = {
        name: roles for name, roles in ours().items() if name.startswith("desk___") and name not in PUBLIC
    }
    assert set(desk.values()) == {("admin",)}


def test_every_argument_of_every_handler_has_a_type() -> None:
    for name in ours():
        known = spec(STATES + name)
        assert known is not None
        for argument, adapter in known.arguments.items():
            assert "never" not in str(adapter.core_schema["type"]), f"{name}: {argument} has no type"


def test_an_undeclared_handler_is_refused() -> None:
    assert not accepted(Tab(), probe("undeclared"))


def test_a_plain_method_is_no_handler() -> None:
    assert not accepted(Tab(), probe("helper"), secret="x")


def test_the_setter_that_every_state_has_is_refused() -> None:
    for state in (GateProbeState, SearchState, CheckoutState):
        name = f"{state.get_full_name()}.setvar"
        assert not accepted(Tab(), name, var_name="seen", value="x")


def test_an_unknown_event_is_refused() -> None:
    assert not accepted(Tab(), f"{STATES}nowhere.nothing")


def test_what_the_page_needs_to_open_is_let_through() -> None:
    for name in ("hydrate", "hydrate_and_load"):
        assert accepted(Tab(), f"reflex___state____state.{name}")


@pytest.mark.parametrize("value", ["abc", [1], None, 1.5, {"id": 1}, -1, 0, 2**40, ""])
def test_an_argument_of_the_wrong_type_is_refused(value: object) -> None:
    assert not accepted(Tab(), probe("open_to_all"), number=value)


def test_an_argument_arrives_converted() -> None:
    tab = Tab()
    assert accepted(tab, probe("open_to_all"), number="7", note="x")
    assert tab.payload == {"number": 7, "note": "x"}


def test_an_extra_argument_is_refused() -> None:
    assert not accepted(Tab(), probe("open_to_all"), number=1, _admin=True)


def test_a_missing_argument_is_refused() -> None:
    assert not accepted(Tab(), probe("open_to_all"), note="x")


def test_a_form_arrives_as_a_dict_of_its_types() -> None:
    tab = Tab()
    form = {FORM_DATA_ENTRIES_KEY: [["slot_id", "12"], ["reason", "cough"]]}
    assert accepted(tab, probe("form_for_all"), form=form)
    assert tab.payload == {"form": {"slot_id": 12, "reason": "cough"}}


@pytest.mark.parametrize(
    "form",
    [
        {"slot_id": "12", "patient_id": "1"},
        {"reason": "no slot"},
        {"slot_id": "12", "reason": "x" * 401},
        {FORM_DATA_ENTRIES_KEY: "nonsense"},
        "slot_id=12",
    ],
)
def test_a_form_with_unknown_missing_or_long_fields_is_refused(form: object) -> None:
    assert not accepted(Tab(), probe("form_for_all"), form=form)


def test_a_flood_from_one_tab_is_cut_and_another_tab_is_not() -> None:
    now = [0.0]
    buckets = Buckets(clock=lambda: now[0])
    assert [buckets.take("flood") for _ in range(TAB_BURST + 5)] == [True] * TAB_BURST + [False] * 5
    assert buckets.take("calm")
    now[0] = 1.0
    assert buckets.take("flood")


def test_a_person_may_send_so_many_events_from_all_her_tabs(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_EVENTS", "2/minute")
    settings.cache_clear()
    name = f"{NoticeState.get_full_name()}.dismiss"
    tabs = [Tab(token=signed_in(cast.asha)) for _ in range(3)]
    assert [accepted(tab, name) for tab in tabs] == [True, True, False]
    assert accepted(Tab(token=signed_in(cast.bilal)), name)


def test_an_address_may_send_so_many_events_from_all_its_tabs(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("RATE_LIMIT_EVENTS_ADDRESS", "2/minute")
    configured.setenv("RATE_LIMIT_TRUSTED_IPS", "")
    settings.cache_clear()
    name = f"{NoticeState.get_full_name()}.dismiss"
    assert [accepted(Tab(), name) for _ in range(3)] == [True, True, False]


def test_a_patient_who_claims_too_often_is_told_so(cast: Cast, configured: pytest.MonkeyPatch) -> None:
    configured.setenv("RATE_LIMIT_CLAIM", "1/minute")
    settings.cache_clear()

    async def story() -> None:
        tab = Tab("/", token=signed_in(cast.asha))
        for slot_id in cast.slots[:2]:
            await tab.send(HoldState, HoldState.hold, slot_id=slot_id)

    with pytest.raises(RateLimited):
        run(story())


def test_a_stranger_is_sent_to_sign_in_with_the_way_back(cast: Cast) -> None:
    del cast
    tab = Tab("/appointments/?problem=x")
    went = run(tab.send(AppointmentsState, AppointmentsState.load))
    assert went.refused
    assert went.redirects == ["/sign-in/?next=%2Fappointments%2F%3Fproblem%3Dx"]


def test_the_desk_is_no_patient(cast: Cast) -> None:
    tab = Tab("/appointments/", token=signed_in(cast.devi.person_id))
    went = run(tab.send(AppointmentsState, AppointmentsState.load))
    assert went.refused
    assert went.redirects == ["/sign-in/?next=%2Fappointments%2F&problem=forbidden"]


def test_a_patient_passes_and_is_known_to_the_handler(cast: Cast) -> None:
    tab = Tab(token=signed_in(cast.asha))

    async def story() -> int:
        assert await tab.passes(f"{AppointmentsState.get_full_name()}.load", {}) is None
        return principal().person_id

    assert run(story()) == cast.asha


def test_a_signed_in_visitor_is_known_to_public_handlers_too(cast: Cast) -> None:
    tab = Tab(token=signed_in(cast.bilal))

    async def story() -> str:
        assert await tab.passes(f"{NoticeState.get_full_name()}.dismiss", {}) is None
        who = visitor()
        return who.name if who else ""

    assert run(story()) == "Bilal"


def test_a_revoked_session_is_a_stranger_at_once_on_an_open_socket(cast: Cast) -> None:
    token = signed_in(cast.asha)
    tab = Tab("/appointments/", token=token)
    name = f"{AppointmentsState.get_full_name()}.load"
    assert accepted(tab, name)
    authentication.close_session(token=token, now=utc_now())
    assert not accepted(tab, name)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "'; drop table person; --"])
def test_a_made_up_cookie_is_a_stranger(cast: Cast, token: str) -> None:
    del cast
    assert not accepted(Tab(token=token), f"{AppointmentsState.get_full_name()}.load")


HYDRATE = "reflex___state____state.hydrate_and_load"


def hold_a_time(cast: Cast) -> str:
    """Asha holds a time; the token of her session."""
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    return signed_in(cast.asha)


def test_the_next_person_on_a_tab_is_never_sent_the_last_ones_visits(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab("/account/", token=hold_a_time(cast))
        await tab.send(SessionState, SessionState.load)
        session = await tab.state(SessionState)
        assert session.who.name == "Asha"
        tab.token = signed_in(cast.bilal)
        tab.go("/account/")
        assert await tab.passes(HYDRATE, {"vars": {}}) is None
        assert (session.known, session.who) == (False, Who())

    run(story())


def test_whoever_takes_over_a_tabs_token_without_its_cookie_finds_it_empty(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab("/appointments/", token=hold_a_time(cast))
        await tab.send(AppointmentsState, AppointmentsState.load)
        page = await tab.state(AppointmentsState)
        assert page.loaded
        tab.token = ""
        tab.go("/")
        await tab.passes(HYDRATE, {"vars": {}})
        assert (page.loaded, page.upcoming, page.past) == (False, [], [])

    run(story())


def test_the_same_person_keeps_the_page(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab("/appointments/", token=hold_a_time(cast))
        await tab.send(AppointmentsState, AppointmentsState.load)
        tab.token = signed_in(cast.asha)
        tab.go("/appointments/")
        await tab.passes(HYDRATE, {"vars": {}})
        assert (await tab.state(AppointmentsState)).loaded

    run(story())


def test_a_session_that_ends_under_an_open_page_loads_the_page_again(cast: Cast) -> None:
    async def story() -> None:
        token = signed_in(cast.asha)
        tab = Tab("/", token=token)
        await tab.send(SearchState, SearchState.load)
        authentication.close_session(token=token, now=utc_now())
        went = await tab.send(SearchState, SearchState.search, form={"q": "heart"})
        assert (went.refused, went.then) == (True, ["on_load_internal"])
        assert not (await tab.state(SearchState)).loaded

    run(story())


def test_nobody_is_left_over_from_the_event_before(cast: Cast) -> None:
    async def story() -> None:
        name = f"{NoticeState.get_full_name()}.dismiss"
        await Tab(token=signed_in(cast.asha)).passes(name, {})
        await Tab().passes(name, {})
        principal()

    with pytest.raises(NotSignedIn):
        run(story())


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        ("set_is_hydrated", {"value": {"a": [1]}}),
        ("reflex___state____on_load_internal_state.on_load_internal", {"page": "/admin/"}),
        ("reflex___state____update_vars_internal_state.update_vars_internal", {"vars": [1]}),
        ("reflex___state____update_vars_internal_state.update_vars_internal", {}),
        ("reflex___state____frontend_event_exception_state.handle_frontend_exception", {"info": 5}),
        ("hydrate_and_load", {"vars": "x"}),
        ("hydrate_and_load", {"vars": {"reflex___state____state.is_hydrated": 1}}),
    ],
)
def test_the_frameworks_own_handlers_take_only_what_its_pages_send(
    handler: str, payload: dict[str, Any]
) -> None:
    assert not accepted(Tab(), f"reflex___state____state.{handler}", **payload)


def test_a_report_of_a_broken_page_is_cut_to_a_length_that_a_log_can_bear() -> None:
    tab = Tab()
    name = (
        "reflex___state____state.reflex___state____frontend_event_exception_state.handle_frontend_exception"
    )
    assert accepted(tab, name, info="x" * 100_000, component_stack="")
    assert len(tab.payload["info"]) == 4_000
