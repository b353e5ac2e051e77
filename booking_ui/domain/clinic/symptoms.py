"""Specialities by the ailments that patients type. A way to find a doctor, not medical advice."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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

IN_HINDI: dict[str, str] = {
    "General Physician": (
        "बुखार सर्दी ज़ुकाम खाँसी फ्लू वायरल सिरदर्द कमज़ोरी थकान उल्टी दस्त पेट एसिडिटी गैस कब्ज़ डेंगू मलेरिया टाइफाइड डायबिटीज़ "
        "मधुमेह शुगर थायरॉइड बीपी जाँच टीका बदन"
    ),
    "Dermatologist": "त्वचा चमड़ी दाने मुँहासे खुजली एक्ज़िमा सोरायसिस फंगल दाद बाल रूसी मस्सा झाइयाँ एलर्जी नाखून",
    "Dentist": "दाँत मसूड़े कैविटी कीड़ा ब्रेसिज़ छाले",
    "Paediatrician": "बच्च शिशु नवजात टीका टीकाकरण बुखार खाँसी सर्दी",
    "Gynaecologist": "गर्भ गर्भावस्था प्रेग्नेंसी माहवारी पीरियड महिला औरत स्त्री पीसीओएस बाँझपन मेनोपॉज़",
    "Orthopaedic Surgeon": "हड्डी जोड़ घुटन कमर पीठ कंधा कूल्हा गर्दन फ्रैक्चर मोच गठिया रीढ़ चोट टखना",
    "Cardiologist": "दिल हृदय सीना छाती धड़कन बीपी कोलेस्ट्रॉल ईसीजी साँस",
    "ENT Specialist": "कान नाक गला गले साइनस टॉन्सिल सुनाई बहरापन चक्कर खर्राटे आवाज़",
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
_FILLER_IN_HINDI = "अच्छा अच्छे और का की के को डॉक्टर तकलीफ़ परेशानी पास मुझे में मेरे या लिए विशेषज्ञ समस्या से है"
_STEM = 4  # from this length on "rashes" also means "rash"
_NUKTA, _CHANDRABINDU, _ANUSVARA = "\u093c", "\u0901", "\u0902"


@lru_cache(maxsize=4_000)
def folded(text: str) -> str:
    """The text as searches compare it: in lower case, and without marks of Devanagari that people leave out: ज़ → ज, ँ → ं."""
    plain = unicodedata.normalize("NFC", text).replace(_NUKTA, "").replace(_CHANDRABINDU, _ANUSVARA)
    return plain.casefold()


_WORDS = {
    speciality: frozenset(map(folded, f"{words} {IN_HINDI.get(speciality, '')}".split()))
    for speciality, words in CARES_FOR.items()
}
_FILLERS = _FILLER | frozenset(folded(_FILLER_IN_HINDI).split())


def search_words(text: str) -> list[str]:
    """The words of a search without fillers, lower case, at most eight: "Skin rash in Pune" → skin, rash, pune."""
    words = (word.strip(".,;:!?'\"()।").lower() for word in re.split(r"[\s/,]+", text))
    return [word for word in words if word and folded(word) not in _FILLERS][:8]


def specialities_for(word: str) -> list[str]:
    typed = folded(word)
    return [name for name, known in _WORDS.items() if any(_means(typed, one) for one in known)]


def begins(text: str, word: str) -> bool:
    """True when a word of `text` begins with `word`, as people write it: "त्वचा रोग" and त्वचा."""
    words, typed = re.split(r"[\s/,-]+", folded(text)), folded(word)
    return any(one.startswith(typed) for one in words)


def _means(typed: str, known: str) -> bool:
    return known.startswith(typed) or (len(known) >= _STEM and typed.startswith(known))
