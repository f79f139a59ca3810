"""Packages: what is let in, what is refused, and where they begin."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from media_pipeline.errors import MediaRejected
from media_pipeline.package_pages import with_bridge
from media_pipeline.packages import MadePackage, is_package, read_package, unpack_package
from tests.packages import h5p_files, scorm12_files, scorm2004_files, written, zipped

PAGE = "<html><head></head><body>สวัสดี</body></html>"


def unpacked(path: Path) -> MadePackage:
    out = path.with_name("out")
    out.mkdir()
    return unpack_package(path, out, on_progress=lambda _share: None)


def paths_in(made: MadePackage) -> set[str]:
    return {each.path for each in made.files}


def starts_of(made: MadePackage) -> list[str]:
    return [each.path for each in made.launches]


def refusal_of(path: Path) -> str:
    with pytest.raises(MediaRejected) as refused:
        unpacked(path)
    return refused.value.code


@pytest.mark.parametrize(
    ("files", "form", "start"),
    [
        (scorm12_files("sco.html"), "scorm12", "sco.html"),
        (scorm2004_files("a/sco.html"), "scorm2004", "a/sco.html"),
        (h5p_files(), "h5p", "khlang-h5p.html"),
        ({"index.html": PAGE, "app.js": "1"}, "html", "index.html"),
    ],
)
def test_each_form_is_known_by_what_is_in_it(
    tmp_path: Path, files: dict[str, str | bytes], form: str, start: str
) -> None:
    made = unpacked(written(tmp_path / "package.zip", files))

    assert made.form == form
    assert starts_of(made) == [start]


def test_a_package_in_one_folder_is_played_from_that_folder(tmp_path: Path) -> None:
    files = {f"บทเรียน/{name}": text for name, text in scorm12_files("sco.html").items()}

    made = unpacked(written(tmp_path / "package.zip", {**files, "__MACOSX/._x": b"\0"}))

    assert paths_in(made) == {"imsmanifest.xml", "sco.html"}


def test_the_case_of_names_does_not_count(tmp_path: Path) -> None:
    files = scorm12_files("SCO.html")
    files = {"IMSManifest.XML": files["imsmanifest.xml"], "Sco.HTML": files["SCO.html"]}

    made = unpacked(written(tmp_path / "package.zip", files))

    assert starts_of(made) == ["Sco.HTML"]


def test_without_an_organisation_its_resources_are_played(tmp_path: Path) -> None:
    files = scorm2004_files("one.html", "two.html", with_organisation=False)

    made = unpacked(written(tmp_path / "package.zip", files))

    assert starts_of(made) == ["one.html", "two.html"]


def test_items_are_played_in_the_order_of_the_organisation_with_their_titles(
    tmp_path: Path,
) -> None:
    made = unpacked(written(tmp_path / "p.zip", scorm12_files("one.html", "two.html")))

    assert [each.title for each in made.launches] == ["บทที่ 1", "บทที่ 2"]
    assert made.title == "เศษส่วน"


def test_a_broken_list_of_contents_is_refused(tmp_path: Path) -> None:
    files = scorm12_files() | {"imsmanifest.xml": "<manifest><resources>"}

    assert refusal_of(written(tmp_path / "p.zip", files)) == "package_manifest_broken"


def test_entities_in_a_manifest_are_not_followed(tmp_path: Path) -> None:
    text = str(scorm12_files()["imsmanifest.xml"]).replace(
        "<manifest", '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><manifest', 1
    )
    files = scorm12_files() | {"imsmanifest.xml": text}

    assert refusal_of(written(tmp_path / "p.zip", files)) == "package_manifest_broken"


def test_a_manifest_that_names_missing_files_begins_with_the_index_page(tmp_path: Path) -> None:
    files = scorm12_files("sco.html")
    del files["sco.html"]

    made = unpacked(written(tmp_path / "p.zip", files | {"index.html": PAGE}))

    assert starts_of(made) == ["index.html"]


def test_a_package_without_anything_to_begin_with_is_refused(tmp_path: Path) -> None:
    files = scorm12_files("sco.html")
    del files["sco.html"]

    assert refusal_of(written(tmp_path / "p.zip", files)) == "package_no_start"


@pytest.mark.parametrize("name", ["../evil.html", "/etc/evil", "C:\\evil.html", "a/../../evil"])
def test_paths_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    assert refusal_of(written(tmp_path / "p.zip", {"index.html": PAGE, name: "x"})) == "zip_unsafe"


def test_links_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("index.html", PAGE)
        link = zipfile.ZipInfo("secret.txt")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    assert refusal_of(path) == "zip_unsafe"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path / "p.zip", {"index.html": PAGE, "x": b"\0" * 80_000_000})

    assert refusal_of(path) == "zip_bomb"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_directory_that_lies_about_sizes_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"index.html": PAGE, "x": b"\0" * 5_000_000}))
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, at + 24, 10)  # unpacked: 10 bytes
    path = tmp_path / "p.zip"
    path.write_bytes(bytes(content))

    assert refusal_of(path) == "zip_broken"


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    files = {f"{number}.txt": b"" for number in range(10_001)}

    assert refusal_of(written(tmp_path / "p.zip", files)) == "zip_too_many"


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"index.html": PAGE}))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(magic) + flags] |= 1
    path = tmp_path / "p.zip"
    path.write_bytes(bytes(content))

    assert refusal_of(path) == "zip_locked"


def test_a_zip_without_a_lesson_is_refused_and_one_in_another_told_apart(tmp_path: Path) -> None:
    assert refusal_of(written(tmp_path / "p.zip", {"notes.txt": "x"})) == "zip_unknown"
    (tmp_path / "out").rmdir()
    assert refusal_of(written(tmp_path / "q.zip", {"course.zip": b"PK"})) == "zip_in_zip"


def test_a_cut_off_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(zipped(scorm12_files())[:-40])

    assert refusal_of(path) == "zip_broken"


def test_an_h5p_without_its_libraries_says_so(tmp_path: Path) -> None:
    files = {name: text for name, text in h5p_files().items() if "library.json" not in name}

    assert refusal_of(written(tmp_path / "p.zip", files)) == "h5p_no_library"


def test_thai_names_of_old_programs_are_read(tmp_path: Path) -> None:
    names = ("รูป/ปลา.png", "เสียง.mp3")
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("index.html", PAGE)
        for name in names:
            archive.writestr("?" * len(name.encode("cp874")), name)
    content = path.read_bytes()
    for name in names:
        content = content.replace(b"?" * len(name.encode("cp874")), name.encode("cp874"))
    path.write_bytes(content)

    assert set(names) < paths_in(unpacked(path))


def test_office_files_are_no_packages(tmp_path: Path) -> None:
    slides = written(tmp_path / "a.pptx", {"[Content_Types].xml": "", "ppt/presentation.xml": ""})
    renamed = written(tmp_path / "b.pptx", {"index.html": PAGE})

    assert not is_package(slides)
    assert is_package(renamed)


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html>\n<html lang='th'><head><script>x</script></head></html>",
        b"<!-- saved from --><html><head data-x='1'><script>x</script>",
        b"\xef\xbb\xbf<script>x</script>",
        b"<h1>x</h1><script>x</script>",
        "\ufeff<html><head><script>x</script>ไทย".encode("utf-16-le"),
    ],
)
def test_our_script_comes_before_every_script_of_a_page(page: bytes) -> None:
    text = with_bridge(page, "scorm12").decode()

    assert "ไทย" in text or "ไทย".encode("utf-16-le") not in page
    assert text.index("/static/package/scorm12.js") == text.index("<script") + len('<script src="')
    assert not text.startswith("<script") or not page.lstrip().startswith(b"<!DOCTYPE")


@pytest.mark.parametrize("encoding", ["utf-8", "cp874"])
def test_a_page_that_does_not_say_its_letters_is_read_in_thai(encoding: str) -> None:
    page = with_bridge("<html><body>สวัสดี</body>".encode(encoding), "html")

    assert page.decode(encoding).count(f'charset="{encoding.replace("cp", "windows-")}"') == 1
    assert with_bridge("<meta charset='utf-8'>สวัสดี".encode(), "html").count(b"charset") == 1


def test_a_child_process_does_the_work(tmp_path: Path) -> None:
    path = written(tmp_path / "p.zip", scorm12_files())
    out = tmp_path / "out"
    out.mkdir()

    made = read_package(path, out, on_progress=lambda _share: None)

    assert made.form == "scorm12"
    assert all(each.file.stat().st_size == each.size_bytes for each in made.files)
