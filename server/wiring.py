"""The only place that picks adapters, by URL."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from media_pipeline.tools import Tools, find_tools
from search.index import SearchIndex
from search.whoosh_index import WhooshIndex
from server.database_clock import DatabaseClock
from server.outcomes import is_full
from server.services.ballast import Ballast, ballast_of
from server.services.room import Room, folders_of
from server.services.spare_table import SpareTable
from server.services.turns import TO_WRITE
from server.settings import Settings
from storage.folder_store import FolderStore
from storage.s3_store import S3Store
from storage.store import ObjectStore
from storage.syncing import make_folder

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything outside the process, ready to be passed to services and handlers."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    store: ObjectStore
    index: SearchIndex
    tools: Tools
    clock: Clock
    room: Room
    ballast: Ballast | None = None  # beside SQLite only


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


def wire(settings: Settings, *, clock: Clock | None = None, engine: Engine | None = None) -> Wiring:
    """Pick adapters for these settings; opens nothing over the network yet."""
    for path in (settings.data_path, settings.spool_path, settings.work_path):
        make_folder(path)
    engine = engine or open_database(settings.database_url)
    return Wiring(
        settings=settings,
        engine=engine,
        # For what works in the background: every transaction there writes, and on SQLite one that
        # has read first is refused at once when another process wrote meanwhile.
        sessions=sessionmaker(engine.execution_options(**TO_WRITE), expire_on_commit=False),
        store=open_store(settings.object_store_url),
        index=open_index(settings.search_url),
        tools=find_tools(settings.ffmpeg, settings.ffprobe, settings.soffice),
        clock=clock or open_clock(engine),
        room=Room(
            tuple(folders_of(settings.data_path, settings.object_store_url)),
            settings.reserved_bytes,
        ),
        ballast=ballast_of(settings.database_url),
    )


def open_store(url: str) -> ObjectStore:
    """Return the object store of a `file:` or `s3:` URL."""
    return S3Store(url) if url.startswith("s3:") else FolderStore(Path(url.removeprefix("file:")))


def open_index(url: str) -> SearchIndex:
    """Return the search index of a `whoosh:` URL."""
    return WhooshIndex(Path(url.removeprefix("whoosh:")))


def open_database(url: str) -> Engine:
    """Return an engine; SQLite gets what several processes on one file need."""
    if not url.startswith("sqlite:"):
        distant = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=40)
        _give_room(distant)
        return distant
    engine = create_engine(url, connect_args={"timeout": 30}, pool_size=10, max_overflow=40)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    if ballast := ballast_of(url):
        _keep_writing(engine, ballast)
    return engine


def open_clock(engine: Engine) -> Clock:
    """Return the time that all processes on this database share: SQLite's are on one machine."""
    return DatabaseClock(engine) if engine.dialect.name == "postgresql" else utc_now


def _give_room(engine: Engine) -> None:
    """Have the spare table given up when PostgreSQL meets a full disk: the next try has room."""
    spare, is_giving = SpareTable(engine), threading.local()

    def give_up(context: ExceptionContext) -> None:
        if is_full(context.original_exception) and not getattr(is_giving, "now", False):
            is_giving.now = True
            spare.give_up()
            is_giving.now = False

    event.listen(engine, "handle_error", give_up)


def _keep_writing(engine: Engine, ballast: Ballast) -> None:
    """Have the ballast given up before the database meets a full disk, or else when it does."""

    def ease(*_what: object) -> None:
        ballast.ease()

    def give_up(context: ExceptionContext) -> None:
        if is_full(context.original_exception):
            ballast.give_up()

    event.listen(engine, "do_connect", ease)
    event.listen(engine, "begin", ease, insert=True)
    event.listen(engine, "handle_error", give_up)


def _begin_sqlite(connection: Connection) -> None:
    """Begin as the session asks: IMMEDIATE takes the turn to write now, and waits for it."""
    asked = connection.get_execution_options()
    connection.exec_driver_sql(f"BEGIN {asked.get('sqlite_begin', 'DEFERRED')}")


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Set write-ahead logging (readers never wait) and foreign keys, for several processes.

    FULL: what was committed is on the disk. With NORMAL a power cut takes the last moments.
    """
    connection.isolation_level = None  # sqlite3 itself then begins nothing and commits nothing
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
