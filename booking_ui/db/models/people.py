"""The people who sign in, and the tokens they hold."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.db.columns import choice, instant
from booking_ui.domain.people.family import Relation


class Role(StrEnum):
    PATIENT = "patient"
    ADMIN = "admin"
    DOCTOR = "doctor"


class CodeKind(StrEnum):
    VERIFY = "verify"  # a link that proves an address
    RESET = "reset"  # a link to choose another password
    SIGN_IN = "sign_in"  # six digits by mail instead of a password
    PHONE = "phone"  # six digits by text that sign in, or open an account
    NEW_PHONE = "new_phone"  # six digits that prove the number which an account is to have
    NEW_EMAIL = "new_email"  # six digits that prove the mail address which an account is to have
    ERASE = "erase"  # six digits to the account's own number or address, instead of a password


NO_PASSWORD = "!"  # noqa: S105 - no hash looks like this, so no password fits it

_PROVEN = sa.text("phone_verified_at IS NOT NULL")


class Person(SQLModel, table=True):
    """Somebody who can sign in. The mail is stored in lower case; every access token of theirs carries `key_number`.

    A number that its owner has proven belongs to one person, and signs in; one that was only written may repeat.
    """

    __tablename__ = "person"
    __table_args__ = (
        sa.Index(
            "uq_person_proven_phone", "phone", unique=True, sqlite_where=_PROVEN, postgresql_where=_PROVEN
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    email: str | None = Field(default=None, max_length=254, unique=True)  # None: the phone alone signs in
    phone: str = Field(max_length=16)
    password_hash: str = Field(max_length=200)
    role: Role = Field(default=Role.PATIENT, sa_type=choice(Role, "role"))
    doctor_id: int | None = Field(default=None, foreign_key="doctor.id")
    demo: bool = False
    # Of their messages: that of the page on which they last signed in. Empty for one who never chose: English.
    language: str = Field(default="", max_length=8, sa_column_kwargs={"server_default": ""})
    email_verified_at: datetime | None = instant(null=True)
    phone_verified_at: datetime | None = instant(null=True)
    # The channels on which they want no messages about visits: "sms,whatsapp".
    stopped_messages: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    key_number: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    erased_at: datetime | None = instant(null=True)
    created_at: datetime = instant()

    @property
    def made_at_desk(self) -> bool:
        """True for a patient whom the desk wrote down, and who has proven neither the number nor an address since."""
        proven = self.phone_verified_at or self.email_verified_at or self.password_hash != NO_PASSWORD
        return self.role is Role.PATIENT and not proven and self.erased_at is None


class Dependent(SQLModel, table=True):
    """A family member for whom a patient books. Once removed they are offered no more; their bookings keep the name."""

    __tablename__ = "dependent"

    id: int | None = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="person.id", index=True)
    name: str = Field(max_length=80)
    relation: Relation = Field(sa_type=choice(Relation, "relation"))
    born_on: date | None = None
    created_at: datetime = instant()
    removed_at: datetime | None = instant(null=True)


class SignIn(SQLModel, table=True):
    """A cookie session or a refresh token; only the sha256 of the token is kept, so a leak opens nothing."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: str = Field(max_length=10)
    device: str = Field(default="", max_length=60, sa_column_kwargs={"server_default": ""})
    created_at: datetime = instant()
    seen_at: datetime | None = instant(null=True)
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(null=True)


class OneTimeCode(SQLModel, table=True):
    """A link or code sent to an address: a mail's or a telephone number.

    The secret is made of SECRET_KEY and the nonce; only its hash is stored. An unknown address gets a row as well, without
    a person: the answer must not tell the two apart.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (sa.Index("ix_one_time_code_address_hash_kind", "address_hash", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    kind: CodeKind = Field(sa_type=choice(CodeKind, "kind"))
    address_hash: str = Field(max_length=64)
    nonce: str = Field(max_length=43)
    secret_hash: str = Field(max_length=64, unique=True)
    # Of the nonce that the device got when it asked; empty for a code that any device may use.
    device_hash: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    # True: only with the device's nonce, which a page keeps in a cookie. A program may leave it out.
    bound: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    # Of the page or request that asked for it: the receiver may be nobody we know.
    language: str = Field(default="", max_length=8, sa_column_kwargs={"server_default": ""})
    tries: int = 0
    created_at: datetime = instant()
    expires_at: datetime = instant(index=True)
    used_at: datetime | None = instant(null=True)
