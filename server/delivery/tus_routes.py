"""tus 1.0, the part without bodies: begin, ask, give up, list. Bodies: tus_patch.

POST /files/ answers 201, or 200 with the offset when this person has begun the same file before
(Upload-Metadata "fingerprint", and its size): the client goes on from there.
"""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from server.delivery import http
from server.delivery.spool_writer import Hashers, finish_if_complete
from server.delivery.tus_headers import (
    VERSION,
    capabilities,
    check_version,
    metadata_header,
    parse_length,
    parse_metadata,
    upload_headers,
)
from server.errors import AppError, NotFound
from server.models.library import Upload
from server.request_context import clock, db, hat_id, signed_in, wiring
from server.services.hand_in_files import LARGEST_FILE_BYTES
from server.services.hand_ins import place_to_hand_in
from server.services.spool import Spool
from server.services.upload import (
    PlaceToHandIn,
    UploadLimits,
    cancel_upload,
    create_upload,
    find_upload,
    unfinished_uploads,
)
from storage.store import StoreError

bp = Blueprint("tus", __name__)


@bp.route("/files/", methods=["OPTIONS"])
@bp.route("/files/<uuid:upload_id>", methods=["OPTIONS"])
def options(upload_id: UUID | None = None) -> ResponseReturnValue:
    """Say what this server can do."""
    del upload_id
    return "", http.NO_CONTENT, capabilities(wiring().settings)


@bp.post("/files/")
def create() -> ResponseReturnValue:
    """Begin an upload, or name the one that was begun."""
    check_version(request.headers.get("Tus-Resumable"))
    metadata = parse_metadata(request.headers.get("Upload-Metadata", ""))
    settings = wiring().settings
    hand_in = _place_to_hand_in(metadata.get("hand_in", ""))
    max_bytes = LARGEST_FILE_BYTES if hand_in else settings.max_upload_bytes
    upload = create_upload(
        db(),
        clock(),
        wiring().store,
        owner=signed_in(),
        hat_id=hat_id(),
        file_name=metadata.get("filename") or metadata.get("name", ""),
        size_bytes=parse_length(request.headers.get("Upload-Length"), "length"),
        fingerprint=metadata.get("fingerprint", ""),
        limits=UploadLimits(
            max_bytes=max_bytes,
            expiry=timedelta(days=settings.upload_expiry_days),
            room=wiring().room,
        ),
        hand_in=hand_in,
    )
    offset_bytes = _spool().offset_of(upload)
    answer = _answer(upload, 200 if offset_bytes else 201, offset_bytes)
    answer.headers["Location"] = _url(upload)
    return answer


@bp.route("/files/<uuid:upload_id>", methods=["HEAD"])
def ask(upload_id: UUID) -> ResponseReturnValue:
    """Tell how much has arrived; finish what only a crash has kept from being finished."""
    check_version(request.headers.get("Tus-Resumable"))
    upload = find_upload(db(), upload_id=upload_id, owner=signed_in())
    finish_if_complete(wiring(), upload, _hashers())
    upload = find_upload(db(), upload_id=upload_id, owner=signed_in())
    answer = _answer(upload, http.OK, _spool().offset_of(upload))
    answer.headers["Upload-Length"] = str(upload.size_bytes)
    answer.headers["Upload-Metadata"] = metadata_header(
        {"filename": upload.file_name, "fingerprint": upload.fingerprint}
    )
    return answer


@bp.delete("/files/<uuid:upload_id>")
def cancel(upload_id: UUID) -> ResponseReturnValue:
    """Give up an upload; what has arrived is removed."""
    check_version(request.headers.get("Tus-Resumable"))
    cancel_upload(db(), wiring().store, upload_id=upload_id, owner=signed_in(), spool=_spool())
    return "", http.NO_CONTENT, {"Tus-Resumable": VERSION}


@bp.get("/api/v1/uploads")
def list_unfinished() -> ResponseReturnValue:
    """List what this person began on any device and did not finish."""
    uploads = unfinished_uploads(db(), owner=signed_in())
    answer = jsonify([_card(upload) for upload in uploads])
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.errorhandler(http.Refused)
def _refused(refused: http.Refused) -> ResponseReturnValue:
    answer = http.problem(refused, (("Tus-Resumable", VERSION),))
    return Response(answer.body, answer.status, dict(answer.headers))


@bp.errorhandler(AppError)
@bp.errorhandler(StoreError)
def _failed(error: AppError | StoreError) -> ResponseReturnValue:
    return _refused(http.refusal(error))


def _place_to_hand_in(place: str) -> PlaceToHandIn | None:
    """Return where a file for "lesson/item" is handed in; None for other files.

    Raises NotFound or NotAllowed when nothing is handed in there.
    """
    if not place:
        return None
    try:
        lesson_id, item_id = (UUID(part) for part in place.split("/"))
    except ValueError as error:
        raise NotFound("no such place to hand in") from error
    return place_to_hand_in(db(), clock(), lesson_id=lesson_id, item_id=item_id, by=signed_in())


def _answer(upload: Upload, status: int, offset_bytes: int) -> Response:
    return Response(
        status=status, headers=list(upload_headers(upload, offset_bytes, wiring().settings))
    )


def _card(upload: Upload) -> dict[str, object]:
    return {
        "id": str(upload.id),
        "file_name": upload.file_name,
        "size_bytes": upload.size_bytes,
        "offset_bytes": _spool().offset_of(upload),
        "fingerprint": upload.fingerprint,
        "url": _url(upload),
        "touched_at": upload.touched_at.isoformat(),
    }


def _url(upload: Upload) -> str:
    return f"/files/{upload.id}"


def _spool() -> Spool:
    return Spool(wiring().settings.spool_path)


def _hashers() -> Hashers:
    """Return the hashes of arriving uploads, which the ASGI side of this process keeps."""
    hashers = current_app.extensions.setdefault("khlang.hashers", Hashers())
    if not isinstance(hashers, Hashers):
        raise TypeError("khlang.hashers")
    return hashers
