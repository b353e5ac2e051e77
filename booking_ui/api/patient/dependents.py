"""The people a patient books for: always the caller's own."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, RequestBody
from booking_ui.api.http.fields import BodyDay, Long, PathId
from booking_ui.api.http.identity import Now, Patient
from booking_ui.domain.people.family import MOST, Relation
from booking_ui.edge.threads import call
from booking_ui.languages import _, ngettext
from booking_ui.services.booking import dependents

router = APIRouter(prefix="/api/dependents", tags=["Dependents"], responses=PROBLEMS)


class Add(RequestBody):
    name: Long = Field(description="1 to 80 letters.", examples=["Kiran Menon"])
    relation: Relation
    born_on: BodyDay | None = Field(default=None, description="Not in the future.")


class Edit(RequestBody):
    """Fields that are left out stay; `bornOn: null` takes the date of birth away."""

    name: Long | None = None
    relation: Relation | None = None
    born_on: BodyDay | None = None


@router.get("", summary="Whom I book for")
async def mine(who: Patient, now: Now) -> Envelope[list[shapes.Dependent]]:
    found = await call(dependents.listed, patient_id=who.person_id, now=now)
    count = ngettext("{count} person.", "{count} people.", len(found))
    return Envelope(message=count, data=[shapes.dependent(one) for one in found])


@router.post(
    "",
    status_code=201,
    summary="Add somebody",
    description=f"At most {MOST} at a time, then `too_many_dependents`.",
)
async def add(body: Add, who: Patient, now: Now) -> Envelope[shapes.Dependent]:
    view = await call(
        dependents.add,
        patient_id=who.person_id,
        name=body.name,
        relation=body.relation,
        born_on=body.born_on,
        now=now,
    )
    return Envelope(message=_("{name} is added.", name=view.name), data=shapes.dependent(view))


@router.patch("/{dependent_id}", summary="Change what is written about somebody")
async def edit(dependent_id: PathId, body: Edit, who: Patient, now: Now) -> Envelope[shapes.Dependent]:
    view = await call(
        dependents.edit,
        patient_id=who.person_id,
        dependent_id=dependent_id,
        name=body.name,
        relation=body.relation,
        born_on=body.born_on if "born_on" in body.model_fields_set else dependents.Keep.AS_IT_IS,
        now=now,
    )
    return Envelope(message=_("{name} is saved.", name=view.name), data=shapes.dependent(view))


@router.delete("/{dependent_id}", summary="Remove somebody")
async def remove(dependent_id: PathId, who: Patient, now: Now) -> Envelope[None]:
    """They are offered no more; bookings made for them stay, with their name."""
    await call(dependents.remove, patient_id=who.person_id, dependent_id=dependent_id, now=now)
    return Envelope(message=_("Removed."), data=None)
