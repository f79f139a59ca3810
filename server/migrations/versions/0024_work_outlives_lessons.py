"""Pupils' work, and what was asked, outlive the lesson: it no longer takes them along.

On SQLite a foreign key leaves a table only with a copy of it, and while the old one is dropped its
rows would take along those that refer to them. A foreign key changes nothing in a table's file,
so the table's text is changed instead, as https://sqlite.org/lang_altertable.html describes.
"""

import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
KEYS = (  # table, column, to, on delete
    ("assignment", "lesson_id", "lesson", "SET NULL"),
    ("hand_in", "lesson_id", "lesson", "CASCADE"),
    ("quiz_attempt", "lesson_id", "lesson", "CASCADE"),
    ("package_attempt", "lesson_id", "lesson", "CASCADE"),
    ("item_progress", "lesson_id", "lesson", "CASCADE"),
    ("lesson_start", "lesson_id", "lesson", "CASCADE"),
    ("lesson_version", "lesson_id", "lesson", "CASCADE"),
    ("watch_progress", "asset_id", "asset", "CASCADE"),
)

LESSON = sa.table(
    "lesson",
    *(sa.column(name, sa.Uuid()) for name in ("id", "owner_id", "school_id", "original_id")),
    *(sa.column(name, sa.String()) for name in ("title", "description", "language")),
    *(sa.column(name, sa.String()) for name in ("learning_area", "licence", "rights_holder")),
    *(sa.column(name, sa.String()) for name in ("visibility", "ceiling", "poster_sha256")),
    sa.column("credit", sa.String()),
    *(sa.column(name, sa.JSON()) for name in ("tags", "grades", "indicators", "kept_ranges")),
    *(sa.column(name, sa.Integer()) for name in ("trim_version", "view_count")),
    *(sa.column(name, sa.Boolean()) for name in ("is_trim_exact", "may_be_kept")),
    *(sa.column(name, TIME) for name in ("created_at", "changed_at", "deleted_at")),
)
ASSET = sa.table(
    "asset",
    sa.column("id", sa.Uuid()),
    *(sa.column(name, sa.String()) for name in ("kind", "state", "error_code", "error_detail")),
    *(sa.column(name, sa.String()) for name in ("original_key", "original_gone_why", "sha256")),
    *(sa.column(name, sa.String()) for name in ("poster_key", "copy_key")),
    *(sa.column(name, sa.JSON()) for name in ("media_info", "storyboard", "waveform", "slides")),
    sa.column("candidates", sa.JSON()),
    *(sa.column(name, sa.Double()) for name in ("duration_s", "missing_s")),
    *(sa.column(name, sa.Integer()) for name in ("size_bytes", "stills_bytes", "copy_bytes")),
    *(sa.column(name, sa.Integer()) for name in ("made_bytes", "width_px", "height_px")),
    *(sa.column(name, sa.Integer()) for name in ("page_count", "ladder_version")),
    *(sa.column(name, TIME) for name in ("created_at", "original_gone_at")),
)
ORIGINAL = sa.table(
    "original",
    *(sa.column(name, sa.Uuid()) for name in ("id", "owner_id", "school_id", "asset_id")),
    sa.column("file_name", sa.String()),
    sa.column("created_at", TIME),
)
ITEM_FILE = sa.table(
    "lesson_item_file",
    *(sa.column(name, sa.Uuid()) for name in ("lesson_id", "original_id")),
)
ERASED_LESSON = sa.table(
    "erased_lesson",
    *(sa.column(name, sa.Uuid()) for name in ("id", "owner_id", "school_id", "original_id")),
    *(sa.column(name, sa.String()) for name in ("title", "language")),
    sa.column("kept_ranges", sa.JSON()),
    *(sa.column(name, TIME) for name in ("created_at", "erased_at")),
)
ERASED_FILE = sa.table(
    "erased_file",
    *(sa.column(name, sa.Uuid()) for name in ("lesson_id", "original_id", "asset_id")),
    sa.column("kind", sa.String()),
    sa.column("duration_s", sa.Double()),
    sa.column("page_count", sa.Integer()),
)


def upgrade() -> None:
    """Keep what stays of an erased lesson; let work stand by itself."""
    op.create_table(
        "erased_lesson",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=True),
        sa.Column("kept_ranges", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("erased_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erased_lesson"),
    )
    op.create_table(
        "erased_file",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["erased_lesson.id"], name="fk_erased_file_lesson_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lesson_id", "original_id", name="pk_erased_file"),
    )
    op.create_index("ix_erased_file_asset_id", "erased_file", ["asset_id"])
    for table, column, to, ondelete in KEYS:
        if _is_sqlite():
            _rewrite(table, rf",\s*{re.escape(_text(table, column, to, ondelete))}", "")
        else:
            op.drop_constraint(f"fk_{table}_{column}", table, type_="foreignkey")


def downgrade() -> None:
    """Make of what is left deleted lessons, and tie the work to them again.

    No work is lost by this; the older release removes it when the undo of those lessons is over.
    """
    _bring_back()
    for table, column, to, ondelete in KEYS:
        if _is_sqlite():
            key = _text(table, column, to, ondelete)
            _rewrite(table, r"\s*\)(?=(?:\s*WITHOUT ROWID)?\s*$)", f", \n\t{key}\n)")
        else:
            name = f"fk_{table}_{column}"
            op.create_foreign_key(name, table, to, [column], ["id"], ondelete=ondelete)
    op.drop_table("erased_file")
    op.drop_table("erased_lesson")


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _text(table: str, column: str, to: str, ondelete: str) -> str:
    key = f"CONSTRAINT fk_{table}_{column} FOREIGN KEY({column}) REFERENCES {to} (id)"
    return f"{key} ON DELETE {ondelete}"


def _rewrite(table: str, pattern: str, new: str) -> None:
    """Replace one piece of a table's text. Raises RuntimeError when it is not there once."""
    connection = op.get_bind()
    named = {"of": table}
    found = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :of")
    before = connection.execute(found, named).scalar_one()
    after, count = re.subn(pattern, lambda _found: new, before)
    if count != 1:
        raise RuntimeError(f"{pattern} stands {count} times in {before}")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    change = sa.text("UPDATE sqlite_master SET sql = :new WHERE type = 'table' AND name = :of")
    connection.execute(change, {**named, "new": after})
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def _bring_back() -> None:
    at = datetime.now(UTC)
    owners = {row["id"]: row for row in _rows(ERASED_LESSON)}
    files = _rows(ERASED_FILE)
    for file in files:
        owner = owners[file["lesson_id"]]
        _add(ASSET, _asset(file, at))
        _add(ORIGINAL, _original(file, owner, at))
    originals = {row["id"] for row in _rows(ORIGINAL)}
    for row in owners.values():
        own = row["original_id"] if row["original_id"] in originals else None
        _add(LESSON, _lesson(row, at) | {"original_id": own})
    for file in files:
        if file["original_id"] != owners[file["lesson_id"]]["original_id"]:
            pair = {name: file[name] for name in ("lesson_id", "original_id")}
            op.get_bind().execute(sa.insert(ITEM_FILE), pair)


def _rows(table: sa.TableClause) -> list[dict[str, Any]]:
    found = op.get_bind().execute(sa.select(*table.c))
    return [dict(row) for row in found.mappings()]


def _add(table: sa.TableClause, row: dict[str, Any]) -> None:
    """Add a row whose key is not there yet."""
    there = sa.select(table.c.id).where(table.c.id == row["id"])
    if op.get_bind().execute(there).first() is None:
        op.get_bind().execute(sa.insert(table), row)


def _asset(file: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return a file without bytes: what was watched of it hangs on it."""
    texts = dict.fromkeys(("error_code", "error_detail", "sha256", "poster_key", "copy_key"), "")
    counts = dict.fromkeys(("size_bytes", "stills_bytes", "copy_bytes", "made_bytes"), 0)
    documents = ("media_info", "storyboard", "waveform", "slides", "candidates")
    return {
        **{**texts, **counts, "width_px": 0, "height_px": 0, "missing_s": 0.0},
        **{name: {} for name in documents},
        **{name: file[name] for name in ("kind", "duration_s", "page_count")},
        "id": file["asset_id"],
        "state": "failed",
        "original_key": f"originals/erased-{file['asset_id']}",
        "original_gone_at": at,
        "original_gone_why": "lost",
        "ladder_version": 1,
        "created_at": at,
    }


def _original(file: dict[str, Any], owner: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "id": file["original_id"],
        "owner_id": owner["owner_id"],
        "school_id": owner["school_id"],
        "asset_id": file["asset_id"],
        "file_name": owner["title"],
        "created_at": at,
    }


def _lesson(row: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return a lesson that was deleted now."""
    texts = ("description", "learning_area", "rights_holder", "poster_sha256", "credit")
    lists = ("tags", "grades", "indicators")
    own = ("id", "owner_id", "school_id", "title", "language", "kept_ranges", "created_at")
    return {
        **dict.fromkeys(texts, ""),
        **{name: [] for name in lists},
        **{name: row[name] for name in own},
        **{"trim_version": 0, "view_count": 0, "is_trim_exact": False, "may_be_kept": True},
        **{"licence": "unknown", "visibility": "me", "ceiling": "public"},
        "changed_at": at,
        "deleted_at": at,
    }
