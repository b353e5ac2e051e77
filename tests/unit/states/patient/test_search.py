"""The search for a doctor: the address asks, the page answers."""

from __future__ import annotations

from booking_ui.db.models import Doctor
from booking_ui.db.session import write
from booking_ui.services.views import Facet, Facets
from booking_ui.states.patient.search import (
    NearLink,
    Question,
    SearchState,
    asked_of,
    close_label,
    question,
    question_of,
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


def test_an_address_holds_every_choice() -> None:
    asked = Question(q="x", max_fee="800", gender="female", when="week", shown="40")
    where = search_address(asked)
    assert where == "/?q=x&max_fee=800&gender=female&when=week&shown=40"
    pairs = dict(part.split("=") for part in where.removeprefix("/?").split("&"))
    assert question(pairs, FACETS) == asked
    assert question({"gender": "x", "when": "never", "shown": "41"}, FACETS) == Question()


def test_a_question_is_asked_of_the_service_and_read_back() -> None:
    asked = Question("heart", "Cardiologist", "Bengaluru", "Hindi", "800", "male", "today", "fee")
    assert question_of(asked_of(asked), "fee") == asked
    assert asked_of(asked).max_fee_paise == 80_000
    assert question_of(asked_of(Question()), "") == Question()


def test_the_line_says_best_match_first_where_words_were_asked() -> None:
    assert summary_line(3, Question(q="heart")) == "3 doctors, best match and soonest time first"
    assert summary_line(3, Question(q="heart", sort="soonest")) == "3 doctors, soonest free time first"


def test_a_search_that_finds_nobody_says_why_and_links_to_what_is_near(cast: Cast) -> None:
    del cast

    async def story() -> None:
        tab = Tab("/?q=cardiologist+pune&sort=fee")
        await tab.send(SearchState, SearchState.load)
        found = await tab.state(SearchState)
        assert found.summary == "No cardiologist in Pune"
        near = NearLink("1 in Bengaluru", "/?q=cardiologist&city=Bengaluru&sort=fee")
        assert (found.near, found.more) == ([near], "")

    run(story())


def test_clearing_the_filters_keeps_the_words_and_the_speciality(cast: Cast) -> None:
    del cast

    async def story() -> None:
        tab = Tab("/?q=heart&city=Bengaluru&max_fee=500&when=today")
        await tab.send(SearchState, SearchState.load)
        found = await tab.state(SearchState)
        assert (found.filters, found.cleared) == (3, "/?q=heart")

    run(story())


def test_more_doctors_are_shown_by_the_address(cast: Cast) -> None:
    del cast

    async def story() -> None:
        with write() as tx:
            doctor = tx.get_one(Doctor, 1).model_dump(exclude={"id", "slug"})
            tx.add_all(Doctor(slug=f"d{number}", **doctor) for number in range(25))
        tab = Tab("/?q=heart")
        await tab.send(SearchState, SearchState.load)
        found = await tab.state(SearchState)
        assert (len(found.doctors), found.more) == (20, "/?q=heart&shown=40")
        tab.go("/?q=heart&shown=40")
        await tab.send(SearchState, SearchState.load)
        assert (len(found.doctors), found.more) == (26, "")

    run(story())


def test_the_search_that_is_shown_already_goes_nowhere() -> None:
    tab = Tab("/?q=skin+rash&shown=40")
    assert run(tab.send(SearchState, SearchState.search, form={"q": "skin rash"})).redirects == []


def test_a_search_only_goes_to_its_address() -> None:
    went = run(Tab().send(SearchState, SearchState.search, form={"q": "skin rash", "sort": "fee"}))
    assert went.redirects == ["/?q=skin+rash&sort=fee"]


def test_a_sort_that_does_not_exist_is_refused() -> None:
    assert run(Tab().send(SearchState, SearchState.search, form={"sort": "price"})).refused


def test_the_button_under_the_filters_says_how_many_fit() -> None:
    assert [close_label(n) for n in (0, 1, 24)] == ["No doctor fits", "Show 1 doctor", "Show 24 doctors"]
