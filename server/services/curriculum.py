"""Curriculum frameworks: imported as files, asked for by code; several are in force at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed
from server.models.base import uuid7
from server.models.curriculum import Framework, FrameworkNode, NodeKind
from server.models.people import Person
from server.policy import may_manage_office
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.curriculum_csv import CurriculumFile, FrameworkLines, NodeLine, read_curriculum
from server.services.find_row import find_row
from server.services.terms import day_in_bangkok

MOST_BYTES = 8_000_000
MOST_LINES = 10_000  # several times a core curriculum; half a second to read


@dataclass(frozen=True, slots=True, kw_only=True)
class CurriculumText:
    """What a framework says under a code."""

    code: str
    text: str
    framework: str  # its title


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFramework:
    """A framework and how many indicators it has."""

    framework: Framework
    indicator_count: int


def read_upload(raw: bytes, *, by: Person) -> CurriculumFile:
    """Return what a file would import, without importing it. Raises NotAllowed, FieldError."""
    if not may_manage_office(by):
        raise NotAllowed("frameworks are the office's")
    if len(raw) > MOST_BYTES or len(raw.splitlines()) > MOST_LINES:
        raise FieldError(
            "curriculum", "more than a framework ever has", rule="too_large", most=MOST_LINES
        )
    return read_curriculum(raw)


def import_curriculum(
    session: Session, now: Clock, *, raw: bytes, by: Person | None
) -> CurriculumFile:
    """Import the frameworks of a file; one with the same code and version is replaced whole.

    With any fault nothing is changed. `by` is empty for the command line. Raises NotAllowed,
    FieldError.
    """
    file = read_upload(raw, by=by) if by else read_curriculum(raw)
    if file.faults:
        return file
    with session.begin():
        for lines in file.frameworks:
            id_ = _replace(session, now, lines, by)
            session.execute(insert(FrameworkNode), _rows(lines, id_))
            detail = {"code": lines.code, "version": lines.version, "count": len(lines.nodes)}
            note_act(session, now, action="curriculum.import", by=by, thing_id=id_, **detail)
    return file


def list_frameworks(session: Session, *, by: Person) -> list[ListedFramework]:
    """Return all that were imported, newest first. Raises NotAllowed."""
    if not may_manage_office(by):
        raise NotAllowed("frameworks are the office's")
    count = (
        select(func.count(FrameworkNode.id))
        .where(FrameworkNode.framework_id == Framework.id, FrameworkNode.kind == NodeKind.INDICATOR)
        .scalar_subquery()
    )
    wanted = select(Framework, count).order_by(Framework.valid_from.desc(), Framework.code)
    with session.begin():
        return [
            ListedFramework(framework=row, indicator_count=number)
            for row, number in session.execute(wanted)
        ]


def remove_framework(session: Session, now: Clock, *, framework_id: UUID, by: Person) -> None:
    """Remove a framework; lessons keep their codes. Raises NotAllowed, NotFound."""
    if not may_manage_office(by):
        raise NotAllowed("frameworks are the office's")
    with session.begin():
        row = find_row(session, Framework, framework_id)
        note_act(session, now, action="curriculum.remove", by=by, thing_id=row.id, code=row.code)
        session.delete(row)


def texts_of(session: Session, now: Clock, codes: Collection[str]) -> Mapping[str, CurriculumText]:
    """Return what the frameworks in force say under these codes; of several the newest."""
    if not codes:
        return {}
    wanted = (
        select(FrameworkNode.code, FrameworkNode.text, Framework.title)
        .join(Framework, Framework.id == FrameworkNode.framework_id)
        .where(FrameworkNode.code.in_(codes), _in_force(day_in_bangkok(now())))
        .order_by(Framework.valid_from, Framework.id)
    )
    with session.begin():
        rows = session.execute(wanted).all()
    return {
        code: CurriculumText(code=code, text=text, framework=title) for code, text, title in rows
    }


def _in_force(day: date) -> ColumnElement[bool]:
    is_open = or_(Framework.valid_until.is_(None), Framework.valid_until >= day)
    return and_(Framework.valid_from <= day, is_open)


def _replace(session: Session, now: Clock, lines: FrameworkLines, by: Person | None) -> UUID:
    """Make the framework's row, or empty the one that there is; return its id."""
    same = select(Framework).where(Framework.code == lines.code, Framework.version == lines.version)
    row = session.scalar(same) or Framework(id=uuid7(), code=lines.code, version=lines.version)
    row.title, row.grades = lines.title, list(lines.grades)
    row.valid_from, row.valid_until = lines.valid_from, lines.valid_until
    row.imported_at, row.by_id = now(), by.id if by else None
    session.add(row)
    session.flush()
    session.execute(delete(FrameworkNode).where(FrameworkNode.framework_id == row.id))
    return row.id


def _rows(lines: FrameworkLines, framework_id: UUID) -> list[dict[str, Any]]:
    """Return the nodes as rows, parents before children."""
    ids = {(node.kind, node.code): uuid7() for node in lines.nodes}
    order = list(NodeKind)
    nodes: Sequence[NodeLine] = sorted(lines.nodes, key=lambda node: order.index(node.kind))
    above = lines.parents()
    found: list[dict[str, Any]] = []
    for node in nodes:
        parent = above[node.line]
        found.append(
            {
                "id": ids[node.kind, node.code],
                "framework_id": framework_id,
                "parent_id": ids[parent.kind, parent.code] if parent else None,
                "kind": node.kind,
                "code": node.code,
                "text": node.text,
                "grades": list(node.grades),
                "place": node.line,
            }
        )
    return found
