"""A source taken through the whole pipeline into a folder that players can read."""

from dataclasses import dataclass
from pathlib import Path

from media_pipeline.encode import encode_stretch
from media_pipeline.growing import encode_sound, remux_picture
from media_pipeline.ladder import RenditionSpec, choose_ladder, may_remux
from media_pipeline.mend import mend, probe_mended, streams_of
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches
from media_pipeline.playlist import (
    PartPiece,
    VariantEntry,
    measured_rates,
    media_playlist,
    multivariant_playlist,
)
from media_pipeline.probe import MAX_DURATION_S, MediaInfo, probe_file
from tests.media_clips import TOOLS

MOST_RENDITIONS = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made of one source; `pictures` are encoded renditions, and the remux where fit."""

    info: MediaInfo
    pictures: dict[str, list[MadePart]]
    sound: list[MadePart]

    @property
    def duration_s(self) -> float:
        parts = next(iter(self.pictures.values()), self.sound)
        return sum(part.duration_s for part in parts)


def prepare(source: Path, out_dir: Path) -> Prepared:
    """Make the two lowest renditions, sound and remux of `source`, and playlists beside them."""
    info = probe_file(source, TOOLS)
    if info.needs_mending:
        mended = out_dir / "mended.nut"
        mend(source, mended, TOOLS, streams_of(info), on_tick=lambda _: None)
        source, info = mended, probe_mended(mended, info, TOOLS, max_duration_s=MAX_DURATION_S)
    ladder = choose_ladder(info)[-MOST_RENDITIONS:]
    pictures: dict[str, list[MadePart]] = {}
    sound: list[MadePart] = []
    for stretch in plan_stretches(info.duration_s) if ladder else ():
        for part in encode_stretch(
            source, stretch, ladder, out_dir, TOOLS, info, on_progress=lambda _: None
        ):
            pictures.setdefault(part.rendition_name, []).append(part)
    if may_remux(info):
        remuxed = pictures.setdefault("remux", [])
        remux_picture(
            source, out_dir, TOOLS, info, on_part=remuxed.append, on_progress=lambda _: None
        )
    if info.has_sound:
        encode_sound(source, out_dir, TOOLS, info, on_part=sound.append, on_progress=lambda _: None)
    _write_playlists(pictures, sound, {spec.name: spec for spec in ladder}, info, out_dir)
    return Prepared(info, pictures, sound)


def _write_playlists(
    pictures: dict[str, list[MadePart]],
    sound: list[MadePart],
    specs: dict[str, RenditionSpec],
    info: MediaInfo,
    out_dir: Path,
) -> None:
    for name, parts in {**pictures, "audio": sound}.items():
        pieces = [
            PartPiece(
                url=part.path.name,
                init_bytes=part.init_bytes,
                size_bytes=part.size_bytes,
                duration_s=part.duration_s,
                segments=part.segment_rows(),
            )
            for part in parts
        ]
        (out_dir / f"{name}.m3u8").write_text(media_playlist(pieces, is_whole=True))
    variants = [
        _variant(name, parts, specs.get(name), info) for name, parts in reversed(pictures.items())
    ]
    audio = _variant("audio", sound, None, info) if sound else None
    (out_dir / "multivariant.m3u8").write_text(multivariant_playlist(variants, audio))


def _variant(
    name: str, parts: list[MadePart], spec: RenditionSpec | None, info: MediaInfo
) -> VariantEntry:
    rows = [row for part in parts for row in part.segment_rows()]
    peak_bps, average_bps = measured_rates(rows)
    return VariantEntry(
        url=f"{name}.m3u8",
        peak_bps=peak_bps,
        average_bps=average_bps,
        codecs=parts[0].codecs,
        width_px=spec.width_px if spec else info.width_px,
        height_px=spec.height_px if spec else info.height_px,
        fps=spec.fps if spec else info.fps,
    )
