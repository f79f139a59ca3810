"""A curriculum framework as a CSV file: read, checked line by line, nothing guessed.

One row of the kind "framework" begins it, a row for each node follows. Names of columns and kinds
may be Thai. Texts are taken as they stand in the file; none is ever made here.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from media_pipeline.caption_decoding import NOT_OURS, decode_captions
from search.codes import take_codes
from search.indicators import find_indicators
from search.thai import normalise
from server.models.curriculum import NodeKind

FRAMEWORK = "framework"
KINDS: Mapping[str, str] = {
    "หลักสูตร": FRAMEWORK,
    "กลุ่มสาระการเรียนรู้": NodeKind.LEARNING_AREA,
    "กลุ่มสาระ": NodeKind.LEARNING_AREA,
    "สาระ": NodeKind.STRAND,
    "มาตรฐาน": NodeKind.STANDARD,
    "ตัวชี้วัด": NodeKind.INDICATOR,
    **{kind: kind for kind in (FRAMEWORK, *NodeKind)},
}
COLUMNS: Mapping[str, str] = {
    "ชนิด": "kind",
    "รหัส": "code",
    "อยู่ใต้": "parent",
    "ข้อความ": "text",
    "ชั้น": "grades",
    "ฉบับ": "version",
    "ใช้ตั้งแต่": "valid_from",
    "ใช้ถึง": "valid_until",
}
NEEDED = ("kind", "code", "text")
LONGEST_CODE, LONGEST_TEXT, LONGEST_TITLE = 60, 4_000, 300
MOST_FAULTS = 100
FIRST_BUDDHIST_YEAR, BUDDHIST_ERA = 2400, 543
ORDER = tuple(NodeKind)
_GRADE = re.compile(r"#([apm][1-6])")
_CANONICAL = re.compile(r"(([ทควสพศงต]) \d)\.\d(?: ([ปม]\.[\d-]+)/\d+)?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_PLAIN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong in one line of the file; `rule` is a stable word."""

    line: int
    rule: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLine:
    """One node; `parent` is the kind and code of another one."""

    line: int
    kind: NodeKind
    code: str
    parent: str
    text: str
    grades: Sequence[str]


@dataclass(slots=True, kw_only=True)
class FrameworkLines:
    """One framework of the file with its nodes, in order."""

    line: int
    code: str
    version: str
    title: str
    grades: Sequence[str]
    valid_from: date
    valid_until: date | None
    nodes: list[NodeLine] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """Return how many nodes of a kind it has."""
        return sum(node.kind == kind for node in self.nodes)

    def parents(self) -> dict[int, NodeLine | None]:
        """Return the node above each, by line: the named one, else the nearest by the code."""
        by_code: dict[str, list[NodeLine]] = {}
        for node in self.nodes:
            by_code.setdefault(node.code, []).append(node)
        return {node.line: _above(node, by_code) for node in self.nodes}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurriculumFile:
    """What a file holds, and what is wrong in it; with faults nothing of it is imported."""

    frameworks: Sequence[FrameworkLines] = ()
    faults: Sequence[LineFault] = ()


def read_curriculum(raw: bytes) -> CurriculumFile:
    """Return what a file in UTF-8 (with or without a mark) or CP874 holds."""
    lines = [f"{line}\n" for line in decode_captions(raw).lines]
    wrong = next((number for number, line in enumerate(lines, start=1) if NOT_OURS in line), 0)
    if wrong:
        return CurriculumFile(faults=[LineFault(wrong, "encoding")])
    reader = _Reader()
    reader.read(lines)
    faults = sorted(reader.faults, key=lambda fault: fault.line)[:MOST_FAULTS]
    return CurriculumFile(frameworks=reader.frameworks, faults=faults)


class _Reader:
    """Collects frameworks and faults on the way through the lines."""

    def __init__(self) -> None:
        self.frameworks: list[FrameworkLines] = []
        self.faults: list[LineFault] = []
        self._seen: dict[tuple[str, str], int] = {}

    def fault(self, line: int, rule: str, value: str = "") -> None:
        """Note what is wrong in a line."""
        self.faults.append(LineFault(line, rule, value[:80]))

    def read(self, lines: Sequence[str]) -> None:
        """Read the file; what cannot be read at all ends it."""
        rows = csv.reader(lines, delimiter=_delimiter(lines[0]), strict=True)
        try:
            names = [_column(name) for name in next(rows)]
            lacking = [name for name in NEEDED if name not in names]
            if lacking:
                return self.fault(1, "header", ", ".join(lacking))
            for cells in rows:
                if any(cell.strip() for cell in cells):
                    self._line(rows.line_num, dict(zip(names, map(_plain, cells), strict=False)))
        except csv.Error:
            return self.fault(rows.line_num, "csv")
        if not self.frameworks and not self.faults:
            self.fault(rows.line_num, "no_framework")
        for framework in self.frameworks:
            self._check_parents(framework)
        return None

    def _line(self, line: int, row: Mapping[str, str]) -> None:
        kind = KINDS.get(row.get("kind", "").casefold())
        code, text = row.get("code", ""), row.get("text", "")
        grades = _grades(row.get("grades", ""))
        if kind is None:
            self.fault(line, "kind", row.get("kind", ""))
        elif not code or len(code) > LONGEST_CODE:
            self.fault(line, "code", code)
        elif not text or len(text) > (LONGEST_TITLE if kind == FRAMEWORK else LONGEST_TEXT):
            self.fault(line, "text", code)
        elif grades is None:
            self.fault(line, "grades", row["grades"])
        elif kind == FRAMEWORK:
            self._framework(line, row, grades)
        elif not self.frameworks:
            self.fault(line, "no_framework")
        else:
            self._node(line, NodeKind(kind), row, grades)

    def _framework(self, line: int, row: Mapping[str, str], grades: Sequence[str]) -> None:
        version = row.get("version", "")
        valid_from = _day(row.get("valid_from", ""))
        valid_until = _day(row.get("valid_until", ""))
        is_wrong_until = bool(row.get("valid_until")) and valid_until is None
        if not version or len(version) > LONGEST_CODE:
            return self.fault(line, "version", version)
        if valid_from is None or is_wrong_until or (valid_until and valid_until < valid_from):
            return self.fault(line, "date", f"{row.get('valid_from')} {row.get('valid_until', '')}")
        self._seen.clear()
        found = FrameworkLines(
            line=line,
            code=row["code"],
            version=version,
            title=row["text"],
            grades=grades,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        if any((each.code, each.version) == (found.code, version) for each in self.frameworks):
            self.fault(line, "twice", found.code)
        self.frameworks.append(found)
        return None

    def _node(
        self, line: int, kind: NodeKind, row: Mapping[str, str], grades: Sequence[str]
    ) -> None:
        code = _canonical(row["code"])
        if (kind, code) in self._seen:
            return self.fault(line, "twice", code)
        self._seen[kind, code] = line
        node = NodeLine(
            line=line,
            kind=kind,
            code=code,
            parent=_canonical(row.get("parent", "")),
            text=row["text"],
            grades=grades or _grades_of_code(code),
        )
        self.frameworks[-1].nodes.append(node)
        return None

    def _check_parents(self, framework: FrameworkLines) -> None:
        above = framework.parents()
        for node in framework.nodes:
            is_top = node.kind is NodeKind.LEARNING_AREA and not node.parent
            if not is_top and above[node.line] is None:
                self.fault(node.line, "parent", node.parent or node.code)


def _above(node: NodeLine, by_code: Mapping[str, Sequence[NodeLine]]) -> NodeLine | None:
    names = (node.parent,) if node.parent else _parts_of(node.code)
    outer = ORDER[: ORDER.index(node.kind)]
    found = (each for name in names for each in by_code.get(name, ()) if each.kind in outer)
    return next(found, None)


def _column(name: str) -> str:
    name = _plain(name).casefold()
    return COLUMNS.get(name, name)


def _plain(cell: str) -> str:
    """Return a cell without needless spaces; letters and digits stay as they are written."""
    return " ".join(cell.split())


def _delimiter(first_line: str) -> str:
    """Return what spreadsheets write between cells: commas, semicolons or tabs."""
    return max(",;\t", key=first_line.count)


def _canonical(code: str) -> str:
    """Return an indicator's code as it is printed everywhere; others as they stand."""
    found = find_indicators(code)
    return found[0] if len(found) == 1 else code


def _parts_of(code: str) -> tuple[str, ...]:
    """Return what a code stands in, the nearest first: standard, strand, learning area."""
    found = _CANONICAL.fullmatch(code)
    if found:
        standard = code.partition(f" {found[3]}")[0] if found[3] else ""
        return tuple(filter(None, (standard, found[1], found[2])))
    return (code[:1],) if re.fullmatch(r"[ทควสพศงต] \d", code) else ()


def _grades(text: str) -> list[str] | None:
    """Return the grades that a cell names; None when there is something else in it."""
    places, rest = take_codes(normalise(text).casefold())
    found = [
        match[1].upper() for each in places for t in each.terms for match in _GRADE.finditer(t)
    ]
    return None if re.sub(r"[\s,;·และ-]", "", rest) else list(dict.fromkeys(found))


def _grades_of_code(code: str) -> list[str]:
    found = _CANONICAL.fullmatch(code)
    return (_grades(found[3]) or []) if found and found[3] else []


def _day(text: str) -> date | None:
    """Return a day written 2025-05-16 or 16/5/2568; years from 2400 are of the Buddhist era."""
    text = normalise(text)  # Thai digits
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _PLAIN.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year - BUDDHIST_ERA if year >= FIRST_BUDDHIST_YEAR else year, month, day)
    except ValueError:
        return None
