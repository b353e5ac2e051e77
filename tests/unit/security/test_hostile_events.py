"""A hostile client at the websocket of a served app: everything that is not declared for it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import new_class

import httpx
import pytest
import reflex as rx
from reflex_base.constants import Endpoint
from reflex_base.registry import RegistrationContext
from simple_websocket import ConnectionClosed

from booking_ui import booking_ui as app_module
from booking_ui.domain.clock import utc_now
from booking_ui.services.accounts import authentication
from tests.support.databases import lay
from tests.support.security import clinic, hostile
from tests.support.security.clinic import Served
from tests.support.security.hostile import ROOT, handlers
from tests.support.security.socket import NOTICE, Tab
from tests.support.servers import ROOT as REPOSITORY

PAGES = f"{ROOT}.booking_ui___states___"
REPLAYED = (
    f"{ROOT}.hydrate",
    f"{ROOT}.hydrate_and_load",
    f"{ROOT}.set_is_hydrated",
    f"{PAGES}patient___appointment____appointment_state.leave",
    f"{PAGES}patient___appointment____appointment_state.load",
    f"{PAGES}shared___session____session_state.load",
    NOTICE,
)


@pytest.fixture(scope="module")
def at(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    database = home / "booking.db"
    lay(sqlite_template, database)
    with clinic.served(database, home) as found:
        yield found


def undeclared() -> list[str]:
    return [name for name, known in handlers().items() if known.roles is None and not known.framework]


@pytest.mark.timeout(600)
def test_every_handler_is_refused_to_callers_it_is_not_declared_for(at: Served) -> None:
    tallies, findings = hostile.attack_all(at, thorough=False)
    assert findings == []
    assert set(tallies) == set(handlers())
    for name, tally in tallies.items():
        roles = handlers()[name].roles
        for who in ("nobody", "signed out", "expired", "forged cookie"):
            assert roles == () or tally.answered[who] == 0, (name, who)


def test_the_token_of_a_closed_tab_gives_nothing_of_its_owner(at: Served) -> None:
    bilal = authentication.open_session(person_id=at.stage.cast.bilal, now=utc_now())
    for n, name in enumerate(REPLAYED):
        assert hostile.replayed(at, name, ("", bilal)[n % 2]) == [], name


def test_the_token_of_an_open_tab_gives_a_new_and_empty_one(at: Served) -> None:
    ashas = hostile.open_tab_of_asha(at)
    thief = Tab(at.address, token=ashas.token, place=hostile.at_ashas(at.stage))
    thief.send(f"{ROOT}.hydrate_and_load", {})
    said = "\n".join(thief.settle(NOTICE))
    assert "new_token" in said
    assert hostile.leaked(at.stage, said) == []
    thief.close()
    ashas.close()


def test_ashas_own_tab_is_told_of_the_visit(at: Served) -> None:
    """The control: without it a server that never tells anything would look safe."""
    tab = hostile.open_tab_of_asha(at)
    assert hostile.leaked(at.stage, "\n".join(tab.frames)) != []
    tab.until('"is_hydrated_rx_state_":true')
    tab.close()


ELSEWHERE = (
    "https://evil.example", "null", "http://localhost", "http://localhost.evil.example", "file://", "http://[::1]",
)  # fmt: skip


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_page_of_another_origin_gets_no_socket(at: Served, transport: str) -> None:
    port = int(at.address.rpartition(":")[2])
    for origin in (*ELSEWHERE, f"http://localhost:{port + 1}", f"https://localhost:{port}"):
        assert not hostile.gets_a_socket(at, origin, transport=transport), origin
    assert hostile.gets_a_socket(at, at.address)


NOISE = (
    '2/_event,["event"]', '2/_event,["event",null]', '2/_event,["event","x"]', '2/_event,["event",[1]]',
    '2/_event,["event",{"name":5}]', '2/_event,["event",{"name":null}]', '2/_event,["event",{"payload":{}}]',
    '2/_event,["event",{"name":"state.__class__"}]', '2/_event,["event",{"name":"x","payload":5}]',
    '2/_event,["event",{"name":"x","router_data":5}]', '2/_event,["event",{"name":"x","payload":{"a":NaN}}]',
    '2/_event,["client_error",{"message":"\\u001b[31m<script>"}]', '2/_event,["nothing",1]', '2/_event,[]', "2/nowhere,[]",
    "3/_event,7[]", "4/_event,{}",
)  # fmt: skip


@pytest.mark.parametrize("noise", NOISE)
def test_noise_opens_nothing_and_leaves_the_server_up(at: Served, noise: str) -> None:
    before, told = clinic.version(at), ""
    tab = Tab(at.address)
    try:
        tab.raw(noise)
        told = "\n".join(tab.settle(NOTICE))
    except (ConnectionClosed, OSError):  # the server may hang up on such a client at any moment
        told = "\n".join(tab.frames)
    finally:
        tab.close()
    assert not [word for word in hostile.SPILT[:-1] if word in told]
    assert clinic.version(at) == before
    after = Tab(at.address)
    after.settle(NOTICE)
    after.close()


def test_noise_costs_one_line_of_log_a_connection(at: Served) -> None:
    before = at.log.read_text()
    for noise in (
        "xxxx",
        '2/_event,["event",{"name":5}]',
        '2/_event,["connect",{"QUERY_STRING":"token=hers"}]',
    ):
        tab = Tab(at.address)
        with pytest.raises(
            (ConnectionClosed, OSError)
        ):  # depends on which end, and which thread, notices first
            hostile.repeated(tab, noise, 50)
        tab.close()
    said = at.log.read_text().removeprefix(before).splitlines()
    assert len(said) == 3
    assert all("socket.unreadable" in line for line in said)


def test_an_event_of_yesterday_costs_nothing(at: Served) -> None:
    before = at.log.read_text()
    tab = Tab(at.address)
    for _ in range(20):
        tab.send("state.of_yesterday.load")
    tab.settle(NOTICE)
    tab.close()
    added = at.log.read_text().removeprefix(before).splitlines()
    assert len(added) == 1, added  # the page's own event, with which this test waits until all are handled
    assert "notice_state.tell" in added[0]


def test_headers_and_address_that_a_client_claims_are_not_believed(at: Served) -> None:
    asha = authentication.open_session(person_id=at.stage.cast.asha, now=utc_now())
    liar = hostile.at_ashas(at.stage) | {
        "headers": {"cookie": f"sid={asha}"}, "ip": "10.0.0.1", "token": "hers", "session_id": "hers",
    }  # fmt: skip
    tab = Tab(at.address, place=liar, headers={"X-Forwarded-For": "10.0.0.1", "X-Real-Ip": "10.0.0.1"})
    tab.send(f"{ROOT}.hydrate_and_load", {}, token="hers")
    said = "\n".join(tab.settle(NOTICE))
    assert hostile.leaked(at.stage, said) == []
    assert '"client_ip":"127.0.0.1"' in said
    tab.close()


def test_no_cookie_is_in_the_log(at: Served) -> None:
    """Comes last in this module, to look at the log of all tests above."""
    said = at.log.read_text()
    assert "sid=A" not in said
    assert Path(at.log).stat().st_size > 0


@pytest.fixture
def planted() -> Iterator[str]:
    """A state with a handler without a declaration, as a careless developer would leave it."""

    async def give_everything_away(self: rx.State) -> None:
        del self

    mine = RegistrationContext.set(RegistrationContext.get().fork())
    body = {"__module__": "booking_ui.states.planted", "give_everything_away": give_everything_away}
    state = new_class("PlantedState", (rx.State,), exec_body=lambda space: space.update(body))
    yield f"{state.get_full_name()}.give_everything_away"  # type: ignore[attr-defined]
    RegistrationContext.reset(mine)


def test_every_handler_is_declared() -> None:
    assert undeclared() == []


def test_a_new_handler_without_a_declaration_is_found(planted: str) -> None:
    assert undeclared() == [planted]


def test_reflexs_own_addresses_tell_nothing_and_are_all_documented(at: Served) -> None:
    with httpx.Client(base_url=at.address) as anybody:
        assert anybody.get("/ping").json() == "pong"
        assert anybody.get("/_health").json() == {"status": True}
        assert app_module.app._api is not None
        known = {getattr(route, "path", "") for route in app_module.app._api.routes}
        doors = (known | {str(one) for one in Endpoint}) - {"/_event"}  # the websocket has tests of its own
        open_to_all = {door for door in doors if anybody.get(door).status_code != 404}
        assert {door for door in doors if anybody.post(door).status_code not in (404, 405)} == set()
    entrances = (REPOSITORY / "docs/security.md").read_text().partition("## Who is who")[0]
    assert open_to_all == {door for door in doors if f"`{door}`" in entrances} == {"/ping", "/_health"}
