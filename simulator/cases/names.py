"""Names of people, companies, banks and cities. No family and no world prefers any of them (G10)."""

from typing import Final

GIVEN: Final = (
    "Amara", "Anders", "Beatriz", "Chen", "Dmitri", "Elif", "Farah", "Grace", "Hiro", "Ivana", "Jamal",
    "Kavita", "Lars", "Mei", "Nadia", "Oluwaseun", "Pedro", "Ruth", "Samir", "Thandi", "Ursula", "Vikram",
    "Wanjiru", "Yusuf", "Zofia",
)  # fmt: skip
FAMILY: Final = (
    "Adeyemi", "Becker", "Castro", "Dogan", "Eriksen", "Fernandes", "Garcia", "Haddad", "Ivanov", "Johnson",
    "Kim", "Larsen", "Mbeki", "Nguyen", "Okafor", "Patel", "Quispe", "Rossi", "Silva", "Tanaka", "Usman",
    "Vasquez", "Wang", "Yilmaz", "Zielinski",
)  # fmt: skip
FIRMS: Final = (
    "Alder", "Bluewater", "Cobalt", "Delta", "Evergreen", "Foxglove", "Granite", "Harbour", "Indigo",
    "Juniper", "Keystone", "Lakeside", "Meridian", "Northgate", "Orchard", "Pinnacle", "Quarry", "Ridgeway",
    "Summit", "Tideway", "Upland", "Vantage", "Westbrook", "Yarrow", "Zenith",
)  # fmt: skip
TRADES: Final = ("Trading", "Services", "Holdings", "Logistics", "Supplies", "Partners", "Group", "Works")
BANKS: Final = ("First Coastal Bank", "Union Savings", "Mercantile Trust", "Civic Bank", "Plainfield Bank")
CITIES: Final = ("Tampa", "Boise", "Leeds", "Porto", "Lyon", "Gdansk", "Osaka", "Accra", "Lima", "Pune")
