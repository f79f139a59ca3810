"""Starting playback: rights are checked here once; the address that comes back carries them."""

from collections.abc import Callable
from datetime import datetime
from typing import cast
from uuid import UUID

from flask import Response, current_app, jsonify
from pydantic import BaseModel, Field
from spectree import Response as Answers

from server.api.blueprint import bp, spec
from server.errors import NotAllowed
from server.models.lessons import Lesson, PlaybackSession
from server.policy import may_edit_lesson
from server.request_context import (
    class_before_screen,
    clock,
    current_sign_in_id,
    db,
    learner,
    viewer,
    wiring,
)
from server.services.embed import exchange_ticket
from server.services.lessons import get_lesson_for
from server.services.play import open_playback
from server.services.playlists import opening_documents
from server.services.progress_passes import pass_of
from server.services.share import find_shared_lesson
from server.services.shown_files import ShownFile, file_of_items
from server.services.views import view_in

Sign = Callable[[str, UUID, datetime], str]  # (session, asset, until) → "/v/…/"


class PlaybackWish(BaseModel):
    """By what right, where it is not that of the person who is signed in."""

    share: str | None = Field(None, max_length=100, description="Token of a share link.")
    ticket: str | None = Field(None, max_length=1000, description="Ticket of an embed; works once.")
    with_documents: bool = Field(
        default=False, description="Answer state and first playlists too: fewer round trips."
    )
    plays_av1: bool = Field(
        default=False,
        description="The device decodes AV1 of 720 lines smoothly and power-efficiently: answer "
        "the first playlists of that, where there is one.",
    )
    wants_all: bool = Field(
        default=False, description="All of a trimmed lesson's file: for who may edit the lesson."
    )


class PlaybackAddress(BaseModel):
    """Where the bytes are until `expires_at`; no cookie is needed there."""

    base_url: str
    playlist_url: str
    state_url: str
    expires_at: datetime
    progress_pass: str | None = Field(
        None, description="To be sent with reports of what was watched; null for guests."
    )
    documents: dict[str, str] = Field({}, description="Texts by their name below `base_url`.")


@bp.post("/lessons/<uuid:lesson_id>/playback")
@spec.validate(json=PlaybackWish, resp=Answers(HTTP_200=PlaybackAddress), tags=["playback"])
def start_playback(lesson_id: UUID, json: PlaybackWish) -> Response:
    """Start playing a lesson as the person signed in, by a share link, or by an embed's ticket."""
    return _answer(_open(lesson_id, json), json)


@bp.post("/lessons/<uuid:lesson_id>/files/<uuid:original_id>/playback")
@spec.validate(json=PlaybackWish, resp=Answers(HTTP_200=PlaybackAddress), tags=["playback"])
def start_playback_of_file(lesson_id: UUID, original_id: UUID, json: PlaybackWish) -> Response:
    """Start playing a file of one of the lesson's items, by the right to the lesson."""
    if json.ticket:
        raise NotAllowed("frames show a lesson's own file only")
    return _answer(_open(lesson_id, json, original_id), json)


def _answer(playback: PlaybackSession, json: PlaybackWish) -> Response:
    sign = cast(Sign, current_app.extensions["khlang.sign"])
    base_url = sign(playback.id, playback.asset_id, playback.expires_at)
    address = PlaybackAddress(
        base_url=base_url,
        playlist_url=f"{base_url}multivariant.m3u8",
        state_url=f"{base_url}state.json",
        expires_at=playback.expires_at,
        progress_pass=_progress_pass(playback, json),
        documents=_documents(playback, json),
    )
    answer = jsonify(address.model_dump(mode="json"))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _progress_pass(playback: PlaybackSession, wish: PlaybackWish) -> str | None:
    """Return none for a teacher's tools, which play all of the file: that is no watching.

    Nor for a session that came through a classroom to which the lesson was not given.
    """
    if wish.wants_all or learner(playback.lesson_id) is None:
        return None
    together = class_before_screen() if playback.person_id else None
    return pass_of(wiring().settings.playback_keys, playback, together.id if together else None)


def _documents(playback: PlaybackSession, wish: PlaybackWish) -> dict[str, str]:
    if not wish.with_documents:
        return {}
    view = view_in(playback)
    return opening_documents(db(), playback.asset_id, view, plays_av1=wish.plays_av1)


@bp.after_request
def open_to_frames(answer: Response) -> Response:
    """Let pages of any origin read the answer, never with cookies: tickets speak there."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    answer.headers["Access-Control-Allow-Headers"] = "Content-Type, X-CSRFToken"
    answer.headers["Access-Control-Max-Age"] = "86400"
    return answer


def _open(lesson_id: UUID, wish: PlaybackWish, original_id: UUID | None = None) -> PlaybackSession:
    if wish.ticket:
        secret = wiring().settings.secret_key.get_secret_value()
        return exchange_ticket(
            db(), clock(), secret=secret, ticket=wish.ticket, lesson_id=lesson_id
        )
    link_id = find_shared_lesson(db(), wish.share).share_link_id if wish.share else None
    lesson = get_lesson_for(db(), clock(), lesson_id=lesson_id, by=viewer(), share_token=wish.share)
    if wish.wants_all and not may_edit_lesson(viewer(), lesson):
        raise NotAllowed(f"lesson {lesson_id} is shown as its teacher trimmed it")
    return open_playback(
        db(),
        clock(),
        lesson=lesson,
        person=viewer(),
        sign_in_id=current_sign_in_id(),
        share_link_id=link_id,
        wants_all=wish.wants_all,
        file=_file(lesson, original_id) if original_id else None,
    )


def _file(lesson: Lesson, original_id: UUID) -> ShownFile:
    original = file_of_items(db(), lesson=lesson, original_id=original_id, by=viewer())
    return ShownFile(lesson=lesson, original=original, title=lesson.title)
