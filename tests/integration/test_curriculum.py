"""Curriculum frameworks: files in, texts out by code; several in force at once."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotAllowed
from server.models.curriculum import FrameworkNode, NodeKind
from server.models.people import Person, RoleName
from server.services.curriculum import (
    import_curriculum,
    list_frameworks,
    remove_framework,
    texts_of,
)
from server.services.curriculum_csv import read_curriculum
from tests.builders import StoppedClock, a_person

SAMPLE = Path("docs/curriculum-sample.csv").read_bytes()
HEAD = "kind,code,parent,text,grades,version,valid_from,valid_until\n"


@pytest.fixture
def officer(session: Session) -> Person:
    return a_person(session, RoleName.OFFICE_ADMIN)


def a_file(*lines: str, since: str = "2025-05-16", version: str = "1") -> bytes:
    first = f"framework,f,,กรอบ {version},,{version},{since},"
    return (HEAD + "\n".join([first, "learning_area,ค,,พื้นที่", *lines])).encode()


def test_the_sample_of_the_manual_is_imported_with_parents_and_grades(
    session: Session, clock: StoppedClock, officer: Person
) -> None:
    file = import_curriculum(session, clock, raw=SAMPLE, by=officer)

    assert file.faults == []
    nodes = {row.code: row for row in session.scalars(select(FrameworkNode))}
    session.commit()
    assert nodes["ค 1.1 ป.4/3"].parent_id == nodes["ค 1.1"].id
    assert (nodes["ค 1.1 ป.4/3"].grades, nodes["ค 1.1 ป.4/3"].kind) == (["P4"], NodeKind.INDICATOR)
    [listed] = list_frameworks(session, by=officer)
    assert (listed.indicator_count, listed.framework.grades[-1]) == (2, "P6")
    assert texts_of(session, clock, ["ค 1.1 ป.1/1", "ค 9.9"])["ค 1.1 ป.1/1"].text.endswith("ป.1")


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + SAMPLE,
        SAMPLE.decode().encode("cp874"),
        SAMPLE.replace(b",", b";"),
        SAMPLE.replace(b"\n", b"\r\n"),
        SAMPLE.decode()
        .replace("kind,code,parent,text,grades", "ชนิด,รหัส,อยู่ใต้,ข้อความ,ชั้น")
        .replace("indicator,ค 1.1 ป.1/1", "ตัวชี้วัด,60 ค๑.๑ ป๑/๑")
        .encode(),
    ],
    ids=["mark", "cp874", "semicolons", "windows", "thai"],
)
def test_files_of_spreadsheets_in_thailand_are_read_alike(raw: bytes) -> None:
    [found] = read_curriculum(raw).frameworks
    [same] = read_curriculum(SAMPLE).frameworks

    assert read_curriculum(raw).faults == []
    assert [node.code for node in found.nodes] == [node.code for node in same.nodes]
    assert found.valid_from == same.valid_from


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("subject,x,,y", "kind"),
        ("strand,,,y", "code"),
        ("strand,ค 1,,", "text"),
        ("strand,ค 1,,y,ป.9 กับเพื่อน", "grades"),
        ("learning_area,ค,,y", "twice"),
        ("indicator,ว 1.1 ป.1/1,,y", "parent"),
        ("strand,ค 1,ว,y", "parent"),
        ("framework,g,,ไม่มีวัน,,1,เมื่อวาน,", "date"),
        ("framework,g,,กลับหลัง,,1,2025-05-16,1/1/2568", "date"),
        ("framework,g,,ไม่มีฉบับ,,,2025-05-16,", "version"),
        ('strand,ค 1,,"y', "csv"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_nothing_is_imported(
    session: Session, clock: StoppedClock, officer: Person, line: str, rule: str
) -> None:
    file = import_curriculum(session, clock, raw=a_file(line), by=officer)

    assert [(fault.line, fault.rule) for fault in file.faults][:1] in ([(4, rule)], [(5, rule)])
    assert list_frameworks(session, by=officer) == []


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "header"),
        (b"a,b\n", "header"),
        (HEAD.encode(), "no_framework"),
        (b"\xff\xff\xff", "encoding"),
    ],
)
def test_what_is_no_framework_is_refused(raw: bytes, rule: str) -> None:
    assert [fault.rule for fault in read_curriculum(raw).faults] == [rule]


def test_the_newest_framework_in_force_speaks(
    session: Session, clock: StoppedClock, officer: Person
) -> None:
    for text, since, version in (
        ("เดิม", "2008-05-16", "2551"),
        ("ปรับปรุง", "2017-05-16", "2560"),
        ("ปีหน้า", "2027-05-16", "2570"),
    ):
        raw = a_file(f"strand,ค 1,,{text}", since=since, version=version)
        import_curriculum(session, clock, raw=raw, by=officer)

    assert texts_of(session, clock, ["ค 1"])["ค 1"].text == "ปรับปรุง"
    assert texts_of(session, clock, ["ค 1"])["ค 1"].framework == "กรอบ 2560"
    clock.forward(days=300)
    assert texts_of(session, clock, ["ค 1"])["ค 1"].text == "ปีหน้า"


def test_the_same_version_again_replaces_what_it_said(
    session: Session, clock: StoppedClock, officer: Person
) -> None:
    import_curriculum(session, clock, raw=a_file("strand,ค 1,,ผิด", "strand,ค 2,,เกิน"), by=officer)
    import_curriculum(session, clock, raw=a_file("strand,ค 1,,ถูก"), by=officer)

    found = texts_of(session, clock, ["ค 1", "ค 2"])
    assert {code: each.text for code, each in found.items()} == {"ค 1": "ถูก"}

    [listed] = list_frameworks(session, by=officer)
    remove_framework(session, clock, framework_id=listed.framework.id, by=officer)
    assert texts_of(session, clock, ["ค 1"]) == {}


def test_only_the_office_imports(session: Session, clock: StoppedClock, teacher: Person) -> None:
    with pytest.raises(NotAllowed):
        import_curriculum(session, clock, raw=SAMPLE, by=teacher)
