"""The studio: what a teacher has, files on their way in, and the first step from file to lesson."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from server.errors import FieldError, LessonNotReady, NotAllowed
from server.models.consents import PeopleAnswer
from server.models.lessons import Lesson
from server.models.library import Asset, AssetState, Original
from server.models.people import Person
from server.policy import may_upload, school_acted_for
from server.request_context import clock, db, hat_id, signed_in, wiring
from server.services.browse import get_own_original, lesson_of_original, originals_without_lesson
from server.services.lesson_changes import LONGEST_TITLE, LessonChanges
from server.services.lesson_picture import question_of
from server.services.lessons import create_lesson, edit_lesson, list_own_lessons, publish_lesson
from server.services.play import AssetStateCard, asset_state
from server.services.quota import tightest_share
from server.services.set_aside import found_files
from server.services.upload import unfinished_uploads
from server.web.cards import file_card, own_lesson_card, state_card, upload_card
from server.web.choices import visibility_labels
from server.web.error_texts import error_text
from server.web.file_cards import UsageCard, usage_card
from server.web.forms import Form, text, typed
from server.web.people_cards import answer_labels, keep_answer, question_card, sent_answer
from server.web.saving_cards import owner_mark
from server.web.set_aside import set_aside_cards
from server.web.translate import translate as _
from server.web.words import upload_words

bp = Blueprint("studio", __name__, url_prefix="/studio")

SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")
MOST_ASKED = 6  # exact states in one page: each asks the database a few times


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show unfinished uploads, files without a lesson, and the person's lessons."""
    by = _uploader()
    undo_days = wiring().settings.undo_days
    lessons = list_own_lessons(db(), clock(), by=by, undo_days=undo_days)
    files = originals_without_lesson(db(), by=by)
    progress = _progress_of([*map(_asset_of, files), *map(_asset_of, lessons)])
    cards = [
        own_lesson_card(
            lesson,
            undo=timedelta(days=undo_days),
            progress=progress.get(lesson.original.asset_id) if lesson.original else None,
        )
        for lesson in lessons
    ]
    return render_template(
        "studio/home.html",
        uploads=[upload_card(upload) for upload in unfinished_uploads(db(), owner=by)],
        found=set_aside_cards(found_files(db(), by=by), by),
        files=[file_card(file, progress.get(file.asset_id)) for file in files],
        lessons=[card for card in cards if card.restorable_until is None],
        deleted=[card for card in cards if card.restorable_until is not None],
        visibility_labels=visibility_labels(),
    )


@bp.get("/upload")
def upload() -> ResponseReturnValue:
    """Show the page that sends files."""
    by = _uploader()
    share = share_of(by)
    return render_template(
        "studio/upload.html",
        uploader=uploader_config("/studio/originals/{original}/lesson", share),
        max_bytes=wiring().settings.max_upload_bytes,
        usage=share,
        unfinished=[upload_card(upload) for upload in unfinished_uploads(db(), owner=by)],
    )


@bp.get("/originals/<uuid:original_id>/lesson")
def new_lesson(original_id: UUID) -> ResponseReturnValue:
    """Offer a lesson of a file, with a proposed title; go to the lesson if there is one."""
    by = _uploader()
    original = get_own_original(db(), original_id=original_id, by=by)
    lesson = lesson_of_original(db(), original_id=original_id, by=by)
    if lesson is not None:
        return redirect(url_for("studio_lessons.edit", lesson_id=lesson.id), code=303)
    return _new_lesson_page(original, Form({"title": proposed_title(original.file_name)}))


@bp.post("/originals/<uuid:original_id>/lesson")
def make_lesson(original_id: UUID) -> ResponseReturnValue:
    """Make the lesson; then publish it or ask to whom it is given, as the button says."""
    by = _uploader()
    original = get_own_original(db(), original_id=original_id, by=by)
    lesson = lesson_of_original(db(), original_id=original_id, by=by)
    try:
        lesson = lesson or create_lesson(
            db(), clock(), original_id=original_id, title=text("title"), by=by, hat_id=hat_id()
        )
        lesson = _with_visibility(lesson, by)
        _keep_who_is_in(original_id, by)
    except FieldError as error:
        return _new_lesson_page(original, typed(error)), 422
    if text("action") == "give":
        return redirect(url_for("giving.ask", lesson_id=lesson.id), code=303)
    if text("action") == "publish":
        publish_or_explain(lesson, by)
    return redirect(url_for("studio_lessons.edit", lesson_id=lesson.id), code=303)


def share_of(by: Person) -> UsageCard:
    """Return the share of the disk whose limit the person's uploads meet first."""
    return usage_card(*tightest_share(db(), person=by, school_id=school_acted_for(by, hat_id())))


def uploader_config(lesson_url: str, share: UsageCard) -> dict[str, object]:
    """Return what the script that sends files is told; it goes to `lesson_url` afterwards."""
    return {
        "createUrl": "/files/",
        "listUrl": "/api/v1/uploads",
        "csrf": generate_csrf(),
        "lessonUrl": lesson_url,
        "maxBytes": wiring().settings.max_upload_bytes,
        "owner": owner_mark(),
        "words": upload_words(share),
    }


def publish_or_explain(lesson: Lesson, by: Person) -> None:
    """Publish; when there is nothing to watch yet, say so and keep everything."""
    try:
        publish_lesson(db(), clock(), lesson_id=lesson.id, by=by)
    except LessonNotReady as error:
        words = error_text(error.code)
        flash(_("%(what)s. %(more)s", what=words.title, more=words.text), "warning")
        return
    flash(_("Published. Send the link below to the students."), "good")
    if lesson.shown_to is not lesson.visibility:
        facts = {"now": visibility_labels()[lesson.shown_to]}
        flash(
            _("For now it is shown to: %(now)s. Below stands what is missing.", **facts), "warning"
        )


def proposed_title(file_name: str) -> str:
    """Return a title from a file's name: without its type, underscores as spaces."""
    stem = SUFFIX.sub("", file_name).replace("_", " ")
    return " ".join(stem.split())[:LONGEST_TITLE] or file_name[:LONGEST_TITLE]


def _uploader() -> Person:
    by = signed_in()
    if not may_upload(by):
        raise NotAllowed("the studio is for teachers and administrators")
    return by


def _keep_who_is_in(original_id: UUID, by: Person) -> None:
    """Keep the answer; it may wait, and "these classrooms" without any is no answer yet."""
    if not text("people"):
        return
    who = sent_answer()
    if who.answer is PeopleAnswer.NOBODY or who.classroom_ids | who.pupil_ids:
        keep_answer(original_id, who, by)


def _with_visibility(lesson: Lesson, by: Person) -> Lesson:
    visibility = text("visibility")
    if not visibility or visibility == lesson.visibility:
        return lesson
    changes = LessonChanges(visibility=visibility)
    return edit_lesson(db(), clock(), lesson_id=lesson.id, changes=changes, by=by)


def _new_lesson_page(original: Original, form: Form) -> str:
    progress = asset_state(db(), original.asset_id, clock())
    return render_template(
        "studio/new_lesson.html",
        file=file_card(original, progress),
        state=state_card(original.asset, progress),
        form=form,
        visibility_labels=visibility_labels(),
        question=question_card(question_of(db(), original=original, by=_uploader())),
        answers=answer_labels(),
    )


def _asset_of(thing: Lesson | Original) -> Asset | None:
    if isinstance(thing, Original):
        return thing.asset
    return thing.original.asset if thing.original else None


def _progress_of(assets: Sequence[Asset | None]) -> dict[UUID, AssetStateCard]:
    """Return exact states of the first few that are on their way."""
    on_way = [
        asset.id
        for asset in assets
        if asset and asset.state in {AssetState.WAITING, AssetState.PREPARING}
    ]
    return {id_: asset_state(db(), id_) for id_ in dict.fromkeys(on_way[:MOST_ASKED])}
