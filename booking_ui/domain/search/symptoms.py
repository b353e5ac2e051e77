"""Specialities by the ailments that patients type. A way to find a doctor, not medical advice."""

from __future__ import annotations

import re
from functools import lru_cache

from booking_ui.domain.search.spelling import folded, pieces, sound

# Of an ailment under several specialities, the first one in this order comes first.
CARES_FOR: dict[str, str] = {
    "General Physician": (
        "fever cold cough flu viral infection headache weakness tired fatigue vomiting nausea diarrhoea diarrhea loose "
        "motion motions stomach tummy ache stomachache acidity gas constipation dengue malaria typhoid diabetes sugar thyroid "
        "bp blood pressure checkup check-up vaccination body pain family gp heartburn jaundice allergy"
    ),
    "Dermatologist": (
        "skin rash acne pimple pimples itching itchy eczema psoriasis fungal ringworm hair loss fall dandruff mole wart "
        "warts pigmentation allergy hives nail nails derma scar"
    ),
    "Dentist": (
        "tooth teeth toothache dental gum gums cavity cavities root canal braces denture wisdom mouth ulcer bad breath "
        "filling whitening crown rct"
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
        "bone bones joint joints knee back backache pain shoulder hip neck fracture sprain arthritis spine slip disc ligament "
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
    "Ophthalmologist": "eye eyes vision eyesight cataract glaucoma spectacles glasses squint retina lasik",
    "Neurologist": "nerve nerves brain migraine headache epilepsy seizure seizures fits stroke paralysis numbness tremor memory",
    "Psychiatrist": "depression anxiety stress mental panic insomnia sleeplessness addiction sadness",
    "Gastroenterologist": "stomach liver acidity gas ulcer piles constipation jaundice heartburn digestion endoscopy bloating",
    "Urologist": "urine urinary kidney stone stones prostate bladder",
    "Nephrologist": "kidney kidneys dialysis creatinine",
    "Pulmonologist": "lung lungs asthma breathing breathless tb tuberculosis cough wheezing",
    "Endocrinologist": "diabetes sugar thyroid hormone hormones pcos obesity",
    "Oncologist": "cancer tumour tumor chemotherapy lump",
    "Physiotherapist": "physio exercise back neck knee sprain stiffness rehabilitation",
}

IN_HINDI: dict[str, str] = {
    "General Physician": (
        "बुखार सर्दी ज़ुकाम खाँसी फ्लू वायरल सिर सिरदर्द कमज़ोरी थकान उल्टी दस्त पेट एसिडिटी गैस कब्ज़ डेंगू मलेरिया टाइफाइड डायबिटीज़ "
        "मधुमेह शुगर थायरॉइड बीपी जाँच टीका बदन पीलिया दर्द"
    ),
    "Dermatologist": "त्वचा चमड़ी चर्म दाने मुँहासे खुजली एक्ज़िमा सोरायसिस फंगल दाद बाल रूसी मस्सा झाइयाँ एलर्जी नाखून",
    "Dentist": "दाँत दाँतों दंत मसूड़े मसूड़ा कैविटी कीड़ा ब्रेसिज़ छाले",
    "Paediatrician": "बच्च बच्चा बच्चे बच्ची बच्चों शिशु नवजात टीका टीकाकरण बुखार खाँसी सर्दी",
    "Gynaecologist": "गर्भ गर्भावस्था गर्भवती प्रेग्नेंसी माहवारी मासिक पीरियड महिला औरत स्त्री पीसीओएस बाँझपन मेनोपॉज़",
    "Orthopaedic Surgeon": (
        "हड्डी हड्डियों जोड़ जोड़ों घुटन घुटना घुटने घुटनों कमर पीठ कंधा कंधे कूल्हा गर्दन फ्रैक्चर मोच गठिया रीढ़ चोट टखना दर्द"
    ),
    "Cardiologist": "दिल हृदय सीना सीने छाती धड़कन बीपी कोलेस्ट्रॉल ईसीजी साँस",
    "ENT Specialist": "कान कानों नाक गला गले साइनस टॉन्सिल सुनाई बहरापन चक्कर खर्राटे आवाज़",
    "Ophthalmologist": "आँख आँखें आँखों नेत्र नज़र चश्मा मोतियाबिंद रोशनी",
    "Neurologist": "नस नसों दिमाग़ मस्तिष्क मिर्गी लकवा माइग्रेन सिर सिरदर्द",
    "Psychiatrist": "मन मानसिक तनाव उदासी चिंता नींद घबराहट नशा डिप्रेशन",
    "Gastroenterologist": "पेट लिवर जिगर बवासीर कब्ज़ पाचन पीलिया एसिडिटी",
    "Urologist": "पेशाब मूत्र पथरी किडनी प्रोस्टेट",
    "Nephrologist": "गुर्दा गुर्दे किडनी डायलिसिस",
    "Pulmonologist": "फेफड़ा फेफड़े फेफड़ों दमा अस्थमा टीबी साँस",
    "Endocrinologist": "मधुमेह शुगर डायबिटीज़ थायरॉइड हार्मोन मोटापा",
    "Oncologist": "कैंसर गाँठ",
    "Physiotherapist": "फिज़ियो कसरत व्यायाम",
}

TITLES: dict[str, str] = {
    "General Physician": "physician family-physician internist",
    "Dermatologist": "dermatologist dermatology cosmetologist",
    "Dentist": "dentist dentistry orthodontist endodontist",
    "Paediatrician": "paediatrician paediatrics neonatologist",
    "Gynaecologist": "gynaecologist gynaecology obstetrics obstetrician",
    "Orthopaedic Surgeon": "orthopaedic orthopaedics orthopaedist orthopaedician",
    "Cardiologist": "cardiologist cardiology",
    "ENT Specialist": "ent otolaryngologist otorhinolaryngologist",
    "Ophthalmologist": "ophthalmologist ophthalmology optometrist oculist",
    "Neurologist": "neurologist neurology neurosurgeon",
    "Psychiatrist": "psychiatrist psychiatry psychologist psychology counsellor",
    "Gastroenterologist": "gastroenterologist gastroenterology gastro",
    "Urologist": "urologist urology",
    "Nephrologist": "nephrologist nephrology",
    "Pulmonologist": "pulmonologist pulmonology chest-physician",
    "Endocrinologist": "endocrinologist endocrinology diabetologist diabetology",
    "Oncologist": "oncologist oncology",
    "Physiotherapist": "physiotherapist physiotherapy",
}
"""Other names of the doctors of a speciality; a search takes these words for the speciality itself."""

_CHILDREN = "paediatrician"
_MEANT: dict[str, str] = {"bal rog": _CHILDREN, "bal cikitsak": _CHILDREN, "sisu rog": _CHILDREN}
"""Pairs of sounds that mean something else than each word alone: बाल is hair, बाल रोग the diseases of children."""

GENDERS: dict[str, str] = {
    "female": "female lady ladies woman women महिला औरत स्त्री लेडी",
    "male": "male gent gents man men पुरुष मर्द",
}
"""Words that ask for a doctor of this gender, where the clinic tells it."""

_COMPLAINTS = "pain pains painful ache aches aching hurts hurting sore dard दर्द dukhna दुखना"
COMPLAINTS = frozenset(_COMPLAINTS.split())
"""Words that narrow nothing when they stand beside the part of the body that hurts."""

_FILLER = """a an and at best can clinic doctor doctors dr for good hospital i is have in looking me my near nearby need of on or
problem problems see some speak speaking speaks specialist specialists surgery the to treatment want who with
acha accha achha bimari beemari chikitsak doctar daktar ilaaj issue issues kisi koi najdik nazdeek visheshagya"""
_FILLER_IN_HINDI = """अच्छा अच्छे और का की के को डॉक्टर तकलीफ़ परेशानी पास मुझे में मेरे मेरा मेरी या लिए विशेषज्ञ समस्या से है हैं रोग बीमारी इलाज दिक्कत
चाहिए वाला वाले वाली बोलने बोलते चिकित्सक नज़दीक"""
_STEM = 4  # from this length on "rashes" also means "rash"

_WORDS = {
    speciality: frozenset(map(folded, f"{words} {IN_HINDI.get(speciality, '')}".split()))
    for speciality, words in CARES_FOR.items()
}
_FILLERS = frozenset(folded(f"{_FILLER} {_FILLER_IN_HINDI}").split())
_FILLER_SOUNDS = frozenset(map(sound, folded(_FILLER_IN_HINDI).split()))
_TITLE_SOUNDS = {speciality: frozenset(map(sound, words.split())) for speciality, words in TITLES.items()}


def search_words(text: str) -> list[str]:
    """The words of a search without fillers, lower case, at most eight: "Skin rash in Pune" → skin, rash, pune."""
    words = (word.strip(".,;:!?'\"()।").lower() for word in re.split(r"[\s/,]+", text))
    return [word for word in words if word and not _fills(folded(word))][:8]


def meant(text: str) -> str:
    """The text with each pair that means something else than its words replaced."""
    words = text.split()
    for at in range(len(words) - 1):
        pair = " ".join(sound(folded(one)) for one in words[at : at + 2])
        if pair in _MEANT:
            return f"{' '.join(words[:at])} {_MEANT[pair]} {meant(' '.join(words[at + 2 :]))}".strip()
    return text


def _fills(word: str) -> bool:
    return word in _FILLERS or sound(word) in _FILLER_SOUNDS


@lru_cache(maxsize=4_000)
def specialities_for(word: str) -> tuple[str, ...]:
    """The specialities that treat the ailment, the first one first; none for a word that is no ailment."""
    typed = folded(word)
    return tuple(name for name, known in _WORDS.items() if any(_means(typed, one) for one in known))


def ailments() -> dict[str, tuple[str, ...]]:
    """Every word for an ailment, in English and Hindi, with the specialities that treat it, the first one first."""
    every = sorted(set().union(*_WORDS.values()))
    return {one: tuple(name for name, known in _WORDS.items() if one in known) for one in every}


def professions(speciality: str) -> tuple[str, ...]:
    """The specialities of the tables above that the clinic's own word for one means: "Skin Specialist" → Dermatologist.

    None for a speciality that they do not know.
    """
    if speciality in CARES_FOR:
        return (speciality,)
    words = pieces(speciality)
    sounds = set(map(sound, words))
    titled = tuple(name for name, known in _TITLE_SOUNDS.items() if sounds & known)
    return titled or tuple(dict.fromkeys(name for word in words for name in specialities_for(word)[:1]))


def _means(typed: str, known: str) -> bool:
    return known.startswith(typed) or (len(known) >= _STEM and typed.startswith(known))
