"""Every option, typed, from the environment; all faults are reported at once."""

import secrets
import shlex
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from server.mail_server import MailServer, read_smtp_url
from storage.syncing import kept_text

LEAST_SECRET = 16


class SettingsFault(Exception):
    """One line for each option that cannot be taken."""


class Settings(BaseSettings):
    """What the operator may choose: each is read from the variable of its name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    data_path: Path = Field(Path("data"), description="Folder of everything that is not elsewhere.")
    database_url: str = Field(
        "", description="sqlite:… or postgresql:…; default: a file in the data folder."
    )
    object_store_url: str = Field(
        "", description="file:FOLDER or s3://KEY:SECRET@HOST:PORT/BUCKET?secure=0."
    )
    search_url: str = Field("", description="whoosh:FOLDER; default: a folder in the data folder.")
    public_url: str = Field(
        "", description="How people reach the site, for links; default: http://HOST:PORT."
    )
    package_url: str = Field(
        "", description="A second host, https://HOST, from which packages (H5P, SCORM) are shown."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on.")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs cookies; made and kept in the data folder if empty."
    )
    playback_keys: Annotated[dict[str, SecretStr], NoDecode] = Field(
        default_factory=dict,
        description="ID:SECRET[,ID:SECRET]; the first signs, all are valid. Made if empty.",
    )
    byte_delivery: Literal["application", "nginx"] = Field(
        "application", description="Who serves /v/…."
    )
    worker_count: int = Field(
        1, ge=0, le=64, description="Workers started beside the server by `serve`."
    )
    worker_takes: Literal["everything", "media"] = Field(
        "everything",
        description="What workers started here do; `media` on machines without the data folder.",
    )
    original_copies_bytes: int = Field(
        64 * 2**30,
        ge=2**30,
        description="Room for copies of originals where the object store is another machine.",
    )
    ffmpeg: str = Field("", description="Path of ffmpeg; default: PATH, then the Python package.")
    ffprobe: str = Field("", description="Path of ffprobe; likewise.")
    soffice: str = Field("", description="Path of LibreOffice's soffice; default: PATH.")
    av1_pictures: bool = Field(
        default=True,
        description="Make filmed lessons in AV1 as well, last of all: half the bytes where it can "
        "be played.",
    )
    reserved_bytes: int | None = Field(
        None,
        ge=0,
        description="Free room on disks that uploads and what is made of them do not touch; "
        "default: a twentieth of the disk, 32 MiB to 2 GiB.",
    )
    max_upload_bytes: int = Field(
        20 * 2**30, ge=2**20, description="Largest file that may be uploaded."
    )
    max_duration_s: int = Field(12 * 3600, ge=60, description="Longest recording that is prepared.")
    upload_expiry_days: int = Field(14, ge=1, description="How long an unfinished upload is kept.")
    undo_days: int = Field(
        30, ge=1, description="How long a deleted lesson or course can be brought back."
    )
    search_log_days: int = Field(
        365, ge=0, le=3650, description="How long counts of searches are kept; 0: none are made."
    )
    trusted_proxy_count: int = Field(
        0, ge=0, le=5, description="Proxies in front whose X-Forwarded-* are believed."
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS, smtps:// likewise; empty: no "
        "mails.",
    )
    speech_command: str = Field(
        "",
        description="Program that writes captions of {wav} in {language} as WebVTT or SRT, to "
        "standard output or beside {wav}; empty: no automatic captions.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much is logged."
    )

    @field_validator("playback_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [pair.partition(":") for pair in value.split(",") if pair]
        if any(not key_id.isalnum() or len(secret) < LEAST_SECRET for key_id, _, secret in pairs):
            raise ValueError(
                f"use ID:SECRET[,ID:SECRET], secrets of {LEAST_SECRET} characters or more"
            )
        return {key_id: secret for key_id, _, secret in pairs}

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
            raise ValueError("use sqlite:… or postgresql:…")
        return value.replace("postgresql://", "postgresql+psycopg://", 1)

    @field_validator("object_store_url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and not value.startswith(("file:", "s3:")):
            raise ValueError("use file:… or s3:…")
        return value

    @field_validator("package_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path[1:]):
            raise ValueError("use https://HOST")
        return value.rstrip("/")

    @field_validator("search_url")
    @classmethod
    def _known_search(cls, value: str) -> str:
        if value and not value.startswith("whoosh:"):
            raise ValueError("use whoosh:…")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _known_mail_server(cls, value: SecretStr) -> SecretStr:
        if url := value.get_secret_value():
            read_smtp_url(url)
        return value

    @field_validator("speech_command")
    @classmethod
    def _hears_something(cls, value: str) -> str:
        if value and "{wav}" not in value:
            raise ValueError("the command must name {wav}")
        try:
            shlex.split(value)
        except ValueError as error:
            raise ValueError(f"not a command: {error}") from error
        return value

    @model_validator(mode="after")
    def _fill_defaults(self) -> Self:
        data_path = self.data_path.resolve()
        defaults = {
            "data_path": data_path,
            "database_url": self.database_url or f"sqlite:///{data_path / 'khlang.sqlite3'}",
            "object_store_url": self.object_store_url or f"file:{data_path / 'objects'}",
            "search_url": self.search_url or f"whoosh:{data_path / 'search'}",
            "public_url": (self.public_url or f"http://{self.host}:{self.port}").rstrip("/"),
        }
        for name, value in defaults.items():
            object.__setattr__(self, name, value)
        return self

    @classmethod
    def from_env(cls) -> "Settings":
        """Read the environment. Raises SettingsFault with a line for every fault."""
        return cls.as_given().with_kept_secrets()

    @classmethod
    def as_given(cls) -> "Settings":
        """Do the same, and make nothing: without secrets that were not given."""
        try:
            return cls()
        except ValidationError as faults:
            lines = [
                f"{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                for fault in faults.errors()
            ]
            raise SettingsFault("\n".join(lines)) from faults

    def with_kept_secrets(self) -> "Settings":
        """Return these settings with secrets; what was not given is kept in the data folder."""
        secret = self.secret_key.get_secret_value() or self._kept_secret("secret_key")
        keys = self.playback_keys or {"k1": SecretStr(self._kept_secret("playback_key"))}
        return self.model_copy(update={"secret_key": SecretStr(secret), "playback_keys": keys})

    def _kept_secret(self, name: str) -> str:
        return kept_text(self.data_path / "secrets" / name, secrets.token_urlsafe(32))

    @property
    def mail_server(self) -> MailServer | None:
        """Where mails are sent; None: none are written."""
        url = self.smtp_url.get_secret_value()
        return read_smtp_url(url) if url else None

    @property
    def spool_path(self) -> Path:
        """Where bytes of uploads wait until a part is full."""
        return self.data_path / "spool"

    @property
    def work_path(self) -> Path:
        """Where workers keep what they are working on; may be emptied when none runs."""
        return self.data_path / "work"
