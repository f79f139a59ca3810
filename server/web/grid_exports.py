"""The class grid as a file: CSV that Thai Excel reads, and XLSX in which nothing is a formula."""

import csv
import io
from collections.abc import Iterator, Sequence

import xlsxwriter

from server.web.grid_cards import GridCard, column_label
from server.web.translate import translate as _

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_SHEET_NAME = 31
KEPT_BY_EXCEL = "history"  # no sheet may be called so
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
NO_CHARACTERS = str.maketrans(dict.fromkeys([0xFFFE, 0xFFFF]))  # no XML holds them
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(card: GridCard) -> bytes:
    """Return UTF-8 with a mark in front, without which Excel takes it for another encoding."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([harmless(value) for value in row] for row in table_of(card))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(card: GridCard) -> bytes:
    """Return a workbook of one sheet; every text is a text, whatever it begins with."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(_sheet_name(card.classroom.name))
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for y, row in enumerate(table_of(card)):
            for x, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(y, x, value)
                else:
                    words = value.translate(NO_CHARACTERS)
                    sheet.write_string(y, x, words, bold if y == 0 else None)
        sheet.set_column(1, 1, 28)
        sheet.set_column(2, 2 + len(card.columns), 18)
        sheet.freeze_panes(1, 2)
    return out.getvalue()


def table_of(card: GridCard) -> Iterator[Sequence[str | int]]:
    """Yield the head, then the pupils."""
    labels = [column_label(column) for column in card.columns]
    yield [_("No."), _("Name"), _("Done"), *labels]
    for row in card.rows:
        number = "" if row.number is None else row.number
        yield [number, row.name, row.done_count, *(cell.text for cell in row.cells)]


def harmless(value: str | int) -> str | int:
    """Return a text that spreadsheets take for a text, also where it begins like a formula."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value


def _sheet_name(name: str) -> str:
    printable = "".join(character for character in name if character.isprintable())
    plain = printable.translate(NOT_IN_SHEET_NAMES)[:LONGEST_SHEET_NAME].strip()
    return plain if plain and plain.casefold() != KEPT_BY_EXCEL else "Khlang"
