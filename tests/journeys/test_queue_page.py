"""A teacher and the office look at waiting work in a real browser."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from server.messages import ProbeOriginal
from server.models.jobs import JobRow, JobState
from server.models.library import Asset, AssetState
from server.models.people import Person, RoleName
from server.queue import enqueue
from tests.builders import an_asset, an_original
from tests.services.product import Product

pytestmark = pytest.mark.slow

SignIn = Callable[[Page, RoleName | str], str]
FILE = "คาบที่ 1.mp4"


def a_failed_file(product: Product, user_name: str) -> UUID:
    """Make a file whose only job has failed for good, so that no worker changes it."""
    with product.session() as session:
        owner = session.scalars(select(Person).where(Person.user_name == user_name)).one()
        asset = an_asset(session)
        an_original(session, owner, asset).file_name = FILE
        enqueue(session, ProbeOriginal(asset_id=asset.id), datetime.now(UTC))
        job = session.scalars(select(JobRow).where(JobRow.asset_id == asset.id)).one()
        job.state, job.error = JobState.DEAD, "moov atom not found"
        session.commit()
        return asset.id


def change(product: Product, asset_id: UUID, state: AssetState, code: str) -> None:
    with product.session() as session:
        asset = session.get_one(Asset, asset_id)
        asset.state, asset.error_code = state, code
        session.commit()


def test_the_teachers_list_changes_by_itself(
    page: Page, live_server: Product, sign_in_as: SignIn
) -> None:
    user_name = sign_in_as(page, RoleName.TEACHER)
    page.goto("/studio/queue")
    page.evaluate("window.isSamePage = true")
    expect(page.get_by_role("link", name="ส่งไฟล์")).to_be_visible()

    asset_id = a_failed_file(live_server, user_name)

    expect(page.get_by_text(FILE)).to_be_visible(timeout=15_000)
    change(live_server, asset_id, AssetState.FAILED, "too_long")
    expect(page.get_by_text("เปิดไฟล์นี้ไม่ได้").first).to_be_visible(timeout=15_000)
    assert page.evaluate("window.isSamePage")


def test_the_office_reads_an_error_while_the_list_is_kept_fresh(
    page: Page, live_server: Product, sign_in_as: SignIn
) -> None:
    user_name = sign_in_as(page, RoleName.OFFICE_ADMIN)
    asset_id = a_failed_file(live_server, user_name)
    page.goto("/admin/queue?state=dead")
    page.locator("details").first.locator("summary").click()
    page.evaluate("document.activeElement.blur()")

    change(live_server, asset_id, AssetState.FAILED, "too_long")

    expect(page.get_by_text("เปิดไฟล์นี้ไม่ได้").first).to_be_visible(timeout=15_000)
    expect(page.get_by_text("moov atom not found")).to_be_visible()


def test_the_office_tries_again_with_one_press(
    phone_page: Page, live_server: Product, sign_in_as: SignIn
) -> None:
    user_name = sign_in_as(phone_page, RoleName.OFFICE_ADMIN)
    asset_id = a_failed_file(live_server, user_name)
    phone_page.goto(f"/admin/queue/assets/{asset_id}")

    phone_page.get_by_role("button", name="ลองอีกครั้ง").click()

    phone_page.wait_for_url(f"**/admin/queue/assets/{asset_id}")
    expect(phone_page.get_by_role("button", name="ลองอีกครั้ง")).to_have_count(0)
    width = phone_page.evaluate("document.documentElement.scrollWidth")
    assert width <= phone_page.evaluate("window.innerWidth")
