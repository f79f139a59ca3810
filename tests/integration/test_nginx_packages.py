"""Files of packages through the deployed nginx: token, sandbox, cache."""

import hashlib

import urllib3

from server.models.packages import PackageFile
from storage.keys import part_key
from tests.integration.test_nginx import Site, site

__all__ = ["site"]  # the fixture
PAGE = b"<html><head></head><body>" + b"x" * 3_000_000 + b"</body></html>"


def a_package_file(site: Site, path: str, content: bytes) -> None:
    key = part_key(site.asset_id, hashlib.sha256(content).hexdigest(), "bin")
    with site.product.wired() as wiring:
        wiring.store.put_bytes(key, content, content_type="application/octet-stream")
    with site.product.session() as session:
        row = PackageFile(asset_id=site.asset_id, path=path, folded=path, key=key)
        row.size_bytes = len(content)
        session.add(row)
        session.commit()


def test_a_package_is_shown_in_its_sandbox_by_nginx_too(site: Site) -> None:
    a_package_file(site, "หน้า/index.html", PAGE)
    base, http = site.base(), urllib3.PoolManager()
    address = f"{base}p/หน้า/index.html"

    whole = http.request("GET", address)
    again = http.request("GET", address)
    end = http.request("GET", address, headers={"Range": "bytes=-7"})
    other_host = http.request("GET", address, headers={"Host": "packages.example.ac.th"})

    assert (whole.status, whole.data) == (200, PAGE)
    assert again.data == PAGE
    assert (end.status, end.data) == (206, PAGE[-7:])
    for answer in (whole, again, end):
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox allow-scripts")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    own = "default-src packages.example.ac.th/v/ packages.example.ac.th/static/"
    assert own in other_host.headers["Content-Security-Policy"]


def test_nginx_opens_no_package_without_a_good_token(site: Site) -> None:
    a_package_file(site, "a.html", b"<p>")
    base, http = site.base(), urllib3.PoolManager()
    forged = base.replace("/k2.", "/k2.x", 1).replace(base.split("/k2.")[1][21], "", 1)

    assert http.request("GET", f"{base}p/a.html").status == 200
    assert http.request("GET", f"{base}p/b.html").status == 404
    assert http.request("GET", f"{forged}p/a.html").status in {403, 404}
    assert http.request("GET", f"{site.base(key='k9')}p/a.html").status == 403
