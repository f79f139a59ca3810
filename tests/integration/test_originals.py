"""Originals are kept as long as the office says, and what was made of them needs them no more."""

import pytest
from sqlalchemy.orm import Session

from server.models.library import Original, OriginalGone
from server.models.people import Person, RoleName
from server.services.consistency import find_faults
from server.services.originals import expire_originals, freed_by
from server.services.storage_rules import (
    OfficeRules,
    SchoolRules,
    set_office_rules,
    set_school_rules,
)
from server.wiring import Wiring
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    a_ready_asset,
    a_school,
    an_office,
    an_original,
)

FILM = b"film" * 1000


@pytest.fixture
def office(db: Session) -> Person:
    an_office(db)
    return a_person(db, RoleName.OFFICE_ADMIN)


def a_kept_file(db: Session, world: Wiring, owner: Person) -> Original:
    asset = a_ready_asset(db, world.store, size_bytes=len(FILM))
    world.store.put_bytes(asset.original_key, FILM, content_type="video/mp4")
    return an_original(db, owner, asset)


def keep_for(db: Session, world: Wiring, office: Person, days: int) -> None:
    rules = OfficeRules(originals_kept_days=days, school_quota_bytes=0, person_quota_bytes=0)
    set_office_rules(db, world.clock, rules=rules, by=office)


def test_an_original_goes_when_its_days_are_over_and_its_lesson_plays_on(
    db: Session, world: Wiring, clock: StoppedClock, office: Person
) -> None:
    original = a_kept_file(db, world, a_person(db))
    a_lesson(db, original.owner, original=original)
    keep_for(db, world, office, 30)
    clock.forward(days=30)
    assert expire_originals(db, clock, world.store) == 0
    clock.forward(seconds=1)

    assert expire_originals(db, clock, world.store) == 1

    db.expire_all()
    assert original.asset.original_gone_why == OriginalGone.EXPIRED
    assert list(world.store.list_keys("originals/")) == []
    assert find_faults(db, clock, store=world.store) == []


def test_a_school_s_own_rule_holds_and_of_two_owners_the_careful_one(
    db: Session, world: Wiring, clock: StoppedClock, office: Person
) -> None:
    keeping, hasty = a_school(db), a_school(db)
    shared = a_kept_file(db, world, a_person(db, school=hasty))
    an_original(db, a_person(db, school=keeping), shared.asset)
    alone = a_kept_file(db, world, a_person(db, school=hasty))
    keep_for(db, world, office, 0)
    for school, days in ((keeping, 365), (hasty, 10)):
        rules = SchoolRules(originals_kept_days=days, quota_bytes=None)
        set_school_rules(db, clock, school_id=school.id, rules=rules, by=office)
    clock.forward(days=11)

    assert expire_originals(db, clock, world.store) == 1

    db.expire_all()
    assert alone.asset.original_gone_at is not None
    assert shared.asset.original_gone_at is None


def test_the_office_is_told_what_each_choice_would_free(
    db: Session, world: Wiring, clock: StoppedClock, office: Person
) -> None:
    a_kept_file(db, world, a_person(db))
    strict = a_school(db)
    shared = a_kept_file(db, world, a_person(db))
    an_original(db, a_person(db, school=strict), shared.asset)
    a_kept_file(db, world, a_person(db, school=strict))
    rules = SchoolRules(originals_kept_days=365, quota_bytes=None)
    set_school_rules(db, clock, school_id=strict.id, rules=rules, by=office)
    clock.forward(days=100)

    freed = freed_by(db, clock, choices=(30, 90, 365), by=office)

    assert freed == {30: len(FILM), 90: len(FILM), 365: 0}
