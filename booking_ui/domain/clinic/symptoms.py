"""Specialities by the ailments that patients type. A way to find a doctor, not medical advice."""

from __future__ import annotations

import re

CARES_FOR: dict[str, str] = {
    "General Physician": (
        "fever cold cough flu viral infection headache weakness tired fatigue vomiting nausea diarrhoea diarrhea loose "
        "motion stomach ache acidity gas constipation dengue malaria typhoid diabetes sugar thyroid bp blood pressure "
        "checkup check-up vaccination body pain family gp"
    ),
    "Dermatologist": (
        "skin rash acne pimple pimples itching itchy eczema psoriasis fungal ringworm hair loss fall dandruff mole wart "
        "warts pigmentation allergy hives nail nails derma scar"
    ),
    "Dentist": (
        "tooth teeth toothache dental gum gums cavity cavities root canal braces denture wisdom mouth ulcer bad breath "
        "filling whitening crown"
    ),
    "Paediatrician": (
        "child children kid kids baby babies infant newborn toddler pediatrician pediatric paediatric vaccination fever "
        "cough cold growth feeding bedwetting"
    ),
    "Gynaecologist": (
        "pregnancy pregnant period periods menstrual pcos pcod women woman lady gynecologist gynae gyno obstetrician "
        "fertility menopause contraception uterus ovary white discharge scan"
    ),
    "Orthopaedic Surgeon": (
        "bone bones joint joints knee back pain shoulder hip neck fracture sprain arthritis spine slip disc ligament "
        "sports injury orthopedic orthopaedist ortho ankle wrist"
    ),
    "Cardiologist": (
        "heart chest pain palpitations palpitation bp blood pressure hypertension cholesterol ecg breathless breathlessness "
        "angina cardiac swelling"
    ),
    "ENT Specialist": (
        "ear ears nose throat sinus sinusitis tonsil tonsils hearing deaf vertigo dizziness snoring sneezing voice hoarse "
        "ent earache blocked cold"
    ),
}

_FILLER = frozenset(
    {
        "a",
        "an",
        "and",
        "at",
        "best",
        "clinic",
        "doctor",
        "doctors",
        "for",
        "good",
        "i",
        "have",
        "in",
        "me",
        "my",
        "near",
        "nearby",
        "of",
        "on",
        "or",
        "problem",
        "problems",
        "specialist",
        "the",
        "to",
        "with",
    }
)
_STEM = 4  # from this length on "rashes" also means "rash"
_WORDS = {speciality: frozenset(words.split()) for speciality, words in CARES_FOR.items()}


def search_words(text: str) -> list[str]:
    """The words of a search without fillers, lower case, at most eight: "Skin rash in Pune" → skin, rash, pune."""
    words = (word.strip(".,;:!?'\"()").lower() for word in re.split(r"[\s/,]+", text))
    return [word for word in words if word and word not in _FILLER][:8]


def specialities_for(word: str) -> list[str]:
    return [name for name, known in _WORDS.items() if any(_means(word, one) for one in known)]


def _means(typed: str, known: str) -> bool:
    return known.startswith(typed) or (len(known) >= _STEM and typed.startswith(known))
