"""Who works and who plays on a busy day."""

from typing import Final

from core.staff.records import Role

OWNER: Final = "wambui@kibeezy.test"
STAFF: Final = {
    OWNER: Role.OWNER,
    "asha@kibeezy.test": Role.RESOLVER,
    "baraka@kibeezy.test": Role.RESOLVER,
    "otieno@kibeezy.test": Role.OWNER,
    "chebet@kibeezy.test": Role.FINANCE,
    "daudi@kibeezy.test": Role.FINANCE,
    "njoki@kibeezy.test": Role.SUPPORT,
    "auditor@kibeezy.test": Role.VIEWER,
}
NAMES: Final = (
    *("Wanjiru Kamau", "Otieno Ouma", "Achieng Odhiambo", "Mwangi Njoroge", "Naliaka Wekesa"),
    *("Kiprono Cheruiyot", "Halima Abdi", "Mutua Musyoka", "Kerubo Nyaboke", "Karisa Kazungu"),
    *("Nasimiyu Barasa", "Lokiru Ekai", "Wairimu Gathoni", "Omondi Okello", "Chepkemoi Rotich"),
    *("Juma Mwinyi", "Moraa Bosire", "Kilonzo Mwende", "Atieno Awuor", "Njuguna Kariuki"),
)
PHONES: Final = tuple(f"+2547100000{number:02}" for number in range(1, len(NAMES) + 1))
NEWCOMER, PASSER_BY = "+254711000001", "+254711000002"
