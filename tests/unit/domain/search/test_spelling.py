"""Words that are written differently and meant alike."""

from __future__ import annotations

import pytest

from booking_ui.domain.search.spelling import folded, latin, pieces, sound


@pytest.mark.parametrize(
    "alike",
    [
        ["दाँत", "दांत", "dant", "daant"],
        ["हड्डी", "haddi", "haddee", "hadi"],
        ["बुखार", "bukhar", "bukhaar"],
        ["बच्चा", "bachcha", "baccha", "bacha"],
        ["आँख", "aankh", "ankh"],
        ["आँखों", "aankhon", "ankho"],
        ["चमड़ी", "chamdi", "chamdee"],
        ["धड़कन", "dhadkan"],
        ["ज़ुकाम", "zukam", "jukaam"],
        ["त्वचा", "tvacha", "twacha"],
        ["राव", "rao"],
        ["orthopaedic", "orthopedic"],
        ["mumbai", "मुंबई", "mumbay"],
        ["विशेषज्ञ", "visheshagy"],
    ],
)
def test_what_is_said_alike_has_one_sound(alike: list[str]) -> None:
    assert len({sound(folded(one)) for one in alike}) == 1


@pytest.mark.parametrize(("one", "other"), [("dil", "dal"), ("skin", "chin"), ("rao", "roy"), ("दाँत", "दाद")])
def test_what_is_said_differently_has_two(one: str, other: str) -> None:
    assert sound(folded(one)) != sound(folded(other))


@pytest.mark.parametrize(
    ("word", "spelt"),
    [
        ("दिल", "dil"),
        ("गर्दन", "gardan"),
        ("महिला", "mahila"),
        ("सिरदर्द", "sirdard"),
        ("खुजली", "khujli"),
        ("न", "na"),
        ("२४", "24"),
    ],
)
def test_hindi_is_spelt_as_people_type_it(word: str, spelt: str) -> None:
    assert latin(folded(word)) == spelt


def test_latin_letters_stay_as_they_are() -> None:
    assert latin("skin") == "skin"


def test_a_text_falls_into_folded_words() -> None:
    assert pieces("  D’Souza, T. Nagar / Sky-Line (Block 4) ") == [
        "dsouza",
        "t",
        "nagar",
        "sky",
        "line",
        "block",
        "4",
    ]
    assert pieces("दाँत का डॉक्टर।") == ["दांत", "का", "डॉक्टर"]
    assert pieces(" ,. ") == []
