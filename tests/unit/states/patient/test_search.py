"""The search for a doctor: the address asks, the page answers."""

from __future__ import annotations

from booking_ui.services.views import Facet, Facets
from booking_ui.states.patient.search import (
    Question,
    SearchState,
    close_label,
    question,
    search_address,
    summary_line,
)
from tests.support.cast import Cast
from tests.support.tab import Tab, run

FACETS = Facets(
    specialities=[Facet("Cardiologist", "हृदय रोग विशेषज्ञ")],
    cities=[Facet("Bengaluru", "बेंगलुरु")],
    languages=[Facet("English", "अंग्रेज़ी"), Facet("Hindi", "हिन्दी")],
)


def test_an_address_is_read_and_written_alike() -> None:
    asked = Question(
        q="heart", speciality="Cardiologist", city="Bengaluru", language="Hindi", max_fee="800", sort="fee"
    )
    where = search_address(asked)
    assert where == "/?q=heart&speciality=Cardiologist&city=Bengaluru&language=Hindi&max_fee=800&sort=fee"
    pairs = dict(part.split("=") for part in where.removeprefix("/?").split("&"))
    assert question(pairs, FACETS) == asked


def test_no_question_is_the_plain_address() -> None:
    assert search_address(Question(sort="soonest")) == "/"


def test_choices_that_are_not_offered_are_left_out() -> None:
    asked = {
        "q": " heart ",
        "city": "Atlantis",
        "max_fee": "-1",
        "sort": "'; drop",
        "speciality": "x",
        "admin": "1",
    }
    assert question(asked, FACETS) == Question(q="heart")


def test_a_very_long_word_is_cut() -> None:
    assert len(question({"q": "x" * 5000}, FACETS).q) == 120


def test_the_line_above_the_results_counts() -> None:
    assert summary_line(0, Question(q="heart")) == "No doctor fits all of that"
    assert summary_line(0, Question(sort="fee")) == "No doctor can be booked online yet"
    assert summary_line(1, Question(sort="fee")) == "1 doctor"
    assert summary_line(3, Question(sort="fee")) == "3 doctors, lowest fee first"


def test_the_page_shows_the_doctors_that_fit_the_address(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab("/?city=Bengaluru")
        await tab.send(SearchState, SearchState.load)
        found = await tab.state(SearchState)
        assert (found.loaded, found.filters, found.summary) == (True, 1, "1 doctor")
        assert found.narrowed
        assert [doctor.id for doctor in found.doctors] == [cast.chandra]
        assert [slot.id for slot in found.doctors[0].next_slots] == list(cast.slots[:3])

    run(story())


def test_a_word_that_means_nothing_finds_no_doctor(cast: Cast) -> None:
    del cast

    async def story() -> None:
        tab = Tab("/?q=zzzz")
        await tab.send(SearchState, SearchState.load)
        found = await tab.state(SearchState)
        assert (found.loaded, found.doctors) == (True, [])

    run(story())


def test_a_search_only_goes_to_its_address() -> None:
    went = run(Tab().send(SearchState, SearchState.search, form={"q": "skin rash", "sort": "fee"}))
    assert went.redirects == ["/?q=skin+rash&sort=fee"]


def test_a_sort_that_does_not_exist_is_refused() -> None:
    assert run(Tab().send(SearchState, SearchState.search, form={"sort": "price"})).refused


def test_the_button_under_the_filters_says_how_many_fit() -> None:
    assert [close_label(n) for n in (0, 1, 24)] == ["No doctor fits", "Show 1 doctor", "Show 24 doctors"]
