"""The bigger cities of India: the names they had and are called by, and where they lie.

A search knows a city without a doctor by them, and says which one is near.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

_TABLE = """
Mumbai|19.1 72.9|Bombay, मुंबई, बंबई
Delhi|28.6 77.2|New Delhi, Dilli, NCR, दिल्ली, नई दिल्ली
Bengaluru|13.0 77.6|Bangalore, Banglore, BLR, बेंगलुरु, बंगलौर
Chennai|13.1 80.3|Madras, चेन्नई, मद्रास
Kolkata|22.6 88.4|Calcutta, कोलकाता, कलकत्ता
Hyderabad|17.4 78.5|Secunderabad, Cyberabad, हैदराबाद
Pune|18.5 73.9|Poona, पुणे, पूना
Ahmedabad|23.0 72.6|Amdavad, अहमदाबाद
Surat|21.2 72.8|सूरत
Jaipur|26.9 75.8|जयपुर
Lucknow|26.8 80.9|लखनऊ
Kanpur|26.4 80.3|Cawnpore, कानपुर
Nagpur|21.1 79.1|नागपुर
Indore|22.7 75.9|इंदौर
Bhopal|23.3 77.4|भोपाल
Visakhapatnam|17.7 83.2|Vizag, Waltair, विशाखापत्तनम
Patna|25.6 85.1|पटना
Vadodara|22.3 73.2|Baroda, वडोदरा, बड़ौदा
Gurugram|28.5 77.0|Gurgaon, गुरुग्राम, गुड़गाँव
Noida|28.6 77.3|Greater Noida, नोएडा
Ghaziabad|28.7 77.4|गाज़ियाबाद
Faridabad|28.4 77.3|फ़रीदाबाद
Ludhiana|30.9 75.9|लुधियाना
Amritsar|31.6 74.9|अमृतसर
Chandigarh|30.7 76.8|Mohali, Panchkula, चंडीगढ़
Agra|27.2 78.0|आगरा
Varanasi|25.3 83.0|Banaras, Benares, Kashi, वाराणसी, बनारस
Prayagraj|25.4 81.8|Allahabad, प्रयागराज, इलाहाबाद
Meerut|29.0 77.7|मेरठ
Dehradun|30.3 78.0|देहरादून
Nashik|20.0 73.8|Nasik, नासिक
Chhatrapati Sambhajinagar|19.9 75.3|Aurangabad, औरंगाबाद
Thane|19.2 73.0|Thana, ठाणे
Navi Mumbai|19.0 73.0|New Bombay, नवी मुंबई
Rajkot|22.3 70.8|राजकोट
Kochi|9.9 76.3|Cochin, Ernakulam, कोच्चि, कोचीन
Thiruvananthapuram|8.5 76.9|Trivandrum, तिरुवनंतपुरम
Kozhikode|11.3 75.8|Calicut, कोझिकोड
Thrissur|10.5 76.2|Trichur, त्रिशूर
Coimbatore|11.0 77.0|Kovai, कोयंबटूर
Madurai|9.9 78.1|मदुरै
Tiruchirappalli|10.8 78.7|Trichy, Trichinopoly, तिरुचिरापल्ली
Puducherry|11.9 79.8|Pondicherry, Pondy, पुदुचेरी
Mysuru|12.3 76.6|Mysore, मैसूर, मैसूरु
Mangaluru|12.9 74.9|Mangalore, मंगलुरु, मंगलौर
Hubballi|15.4 75.1|Hubli, Dharwad, हुबली
Belagavi|15.9 74.5|Belgaum, बेलगाम
Vijayawada|16.5 80.6|Bezawada, विजयवाड़ा
Bhubaneswar|20.3 85.8|Bhubaneshwar, भुवनेश्वर
Guwahati|26.1 91.7|Gauhati, गुवाहाटी
Ranchi|23.3 85.3|राँची
Raipur|21.3 81.6|रायपुर
Panaji|15.5 73.8|Panjim, Goa, पणजी, गोवा
Shimla|31.1 77.2|Simla, शिमला
Jammu|32.7 74.9|जम्मू
Srinagar|34.1 74.8|श्रीनगर
""".strip()

_ROWS = [line.split("|") for line in _TABLE.splitlines()]

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    city: tuple(one.strip() for one in others.split(",")) for city, _, others in _ROWS
}

_LIES: dict[str, tuple[float, float]] = {}
for _city, _where, _ in _ROWS:
    _north, _east = map(float, _where.split())
    _LIES[_city] = (_north, _east)

_EARTH_KM = 6371.0


def in_devanagari(city: str) -> str:
    """The city in Devanagari; as it is given where the table does not know it."""
    return next((one for one in OTHER_NAMES.get(city, ()) if not one.isascii()), city)


def kilometres(one: str, other: str) -> float | None:
    """The distance of two cities as a bird flies, good to about 15 km; None when the table lacks either."""
    if one not in _LIES or other not in _LIES:
        return None
    (north, east), (other_north, other_east) = _LIES[one], _LIES[other]
    # The haversine formula.
    half = sin(radians(other_north - north) / 2) ** 2 + (
        cos(radians(north)) * cos(radians(other_north)) * sin(radians(other_east - east) / 2) ** 2
    )
    return 2 * _EARTH_KM * asin(sqrt(half))
