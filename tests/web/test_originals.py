"""Originals come back: sent again after they expired, or fetched by who brought them."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from server.models.library import Asset, Original, OriginalGone
from server.models.people import Person
from server.wiring import Wiring
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import StoppedClock, a_ready_asset, an_original
from tests.uploader import SMALL, Uploader

FILM = b"film" * 1000


def a_kept_file(session: Session, wiring: Wiring, owner: Person) -> Original:
    asset = a_ready_asset(session, size_bytes=len(FILM))
    wiring.store.put_bytes(asset.original_key, FILM, content_type="video/mp4")
    return an_original(session, owner, asset)


def test_the_same_file_sent_again_takes_the_place_of_the_one_that_expired(
    uploader: Uploader, session: Session, wiring: Wiring
) -> None:
    original = session.get_one(Original, uploader.send(SMALL))
    asset = session.get_one(Asset, original.asset_id)
    wiring.store.delete(asset.original_key)
    asset.original_gone_at, asset.original_gone_why = wiring.clock(), OriginalGone.EXPIRED
    session.commit()

    again_id = uploader.send(SMALL)

    session.expire_all()
    again = session.get_one(Original, again_id)
    assert again.asset_id == original.asset_id
    assert again.asset.original_gone_why == OriginalGone.NOT
    assert wiring.store.read_range(again.asset.original_key, 0, 2**20) == SMALL


def test_an_original_is_fetched_whole_or_in_part_by_its_owner(
    app: Flask,
    session: Session,
    wiring: Wiring,
    teacher: Person,
    sign_in: Callable[[Person], Visitor],
) -> None:
    original = a_kept_file(session, wiring, teacher)
    visitor = sign_in(teacher)

    address = visitor.get(f"/studio/originals/{original.id}/fetch").headers["Location"]
    asgi = AsgiClient(app, wiring, visitor)
    whole = asgi.call("GET", address)
    part = asgi.call("GET", address, range="bytes=4-9")

    assert (whole.status, whole.body) == (200, FILM)
    assert whole.headers["content-disposition"].startswith("attachment;")
    assert (part.status, part.body) == (206, FILM[4:10])
    assert asgi.call("GET", address[:-1] + "0").status == 404


def test_an_address_of_an_original_opens_nothing_after_some_hours(
    app: Flask,
    session: Session,
    wiring: Wiring,
    teacher: Person,
    clock: StoppedClock,
    sign_in: Callable[[Person], Visitor],
) -> None:
    original = a_kept_file(session, wiring, teacher)
    visitor = sign_in(teacher)
    address = visitor.get(f"/studio/originals/{original.id}/fetch").headers["Location"]

    clock.forward(hours=6, seconds=2)

    assert AsgiClient(app, wiring, visitor).call("GET", address).status == 410
