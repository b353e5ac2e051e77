"""The cast: Asha is a patient, Bilal another patient, Dr Chandra owns the slots, Devi runs the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from booking_ui.db.models import Doctor, Person, Role, Slot, pk
from booking_ui.db.session import write
from booking_ui.services.accounts import staff
from booking_ui.services.views import Principal

# Monday, 10:00 am at the clinic. In the past: what the sandbox stamps with the real clock is always later.
NOW = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)
FIRST_SLOT = datetime(2026, 1, 6, 4, 30, tzinfo=UTC)  # Tuesday, 10:00 am
FEE = 50_000


@dataclass(frozen=True)
class Cast:
    """Ids of everybody; `slots` are Dr Chandra's of Tuesday: 10:00, 10:30, 11:00, 11:30 am."""

    asha: int
    bilal: int
    devi: Principal
    chandra: int
    slots: tuple[int, ...]


def assemble() -> Cast:
    with write() as tx:
        doctor = Doctor(
            slug="dr-chandra-rao",
            name="Dr Chandra Rao",
            speciality="Cardiologist",
            qualifications="MBBS, MD",
            practising_since=2008,
            languages=["English", "Hindi"],
            city="Bengaluru",
            area="Indiranagar",
            address="12, 100 Feet Road",
            fee_paise=FEE,
        )
        people = [
            Person(
                name=name,
                email=f"{name.lower()}@example.com",
                phone="+919800000001",
                password_hash="-",
                role=role,
                created_at=NOW,
            )
            for name, role in (("Asha", Role.PATIENT), ("Bilal", Role.PATIENT), ("Devi", Role.ADMIN))
        ]
        tx.add_all([doctor, *people])
        tx.flush()
        starts = [FIRST_SLOT + timedelta(minutes=30 * n) for n in range(4)]
        slots = [Slot(doctor_id=pk(doctor), starts_at=s, ends_at=s + timedelta(minutes=30)) for s in starts]
        tx.add_all(slots)
        tx.flush()
        asha, bilal, devi = people
        staff.record_first_role(tx, devi, NOW)
        desk = Principal(pk(devi), "Devi", devi.email or "", devi.phone, "admin")
        return Cast(pk(asha), pk(bilal), desk, pk(doctor), tuple(pk(s) for s in slots))
