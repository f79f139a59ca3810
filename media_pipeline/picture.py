"""Filters between an original's picture and the ladder: steady rate, shape, range, one field."""

from media_pipeline.ladder import RenditionSpec
from media_pipeline.probe import MediaInfo
from media_pipeline.source import Node

# High dynamic range on ordinary screens: to light, compressed by a film curve, back to BT.709.
TONE_MAP = (
    ("zscale", {"t": "linear", "npl": 100}),
    ("format", {"pix_fmts": "gbrpf32le"}),
    ("zscale", {"p": "bt709"}),
    ("tonemap", {"tonemap": "hable", "desat": 0}),
    ("zscale", {"t": "bt709", "m": "bt709", "r": "tv"}),
)


def steady_picture(source: Node, info: MediaInfo, *, fps: float, lead_s: float) -> Node:
    """Return the picture at a constant rate, its first frame exactly at the stretch's start.

    The source is read from before the start: the last frame before it is what a slide that stands
    for minutes, or a picture that begins late, shows there.
    """
    picture = source[str(info.video_index)]
    if info.is_interlaced:
        picture = picture.filter("bwdif", mode="send_frame")
    # Frames from before the start stand at the start; the last of them is the one that is shown.
    picture = picture.filter("setpts", f"max(PTS,{lead_s}/TB)")
    # One copy more, or `fps` drops that frame when no other follows it.
    picture = picture.filter("tpad", stop=1, stop_mode="clone")
    picture = picture.filter("fps", fps=fps, start_time=lead_s)
    return picture.filter("setpts", f"PTS-{lead_s}/TB") if lead_s else picture


def scaled(picture: Node, spec: RenditionSpec, *, is_hdr: bool = False) -> Node:
    """Return the picture in a rendition's size, 8-bit 4:2:0, square pixels.

    High dynamic range is mapped after scaling: its filters are slow, and then have less to do.
    """
    picture = picture.filter("scale", spec.width_px, spec.height_px, out_range="tv")
    for name, options in TONE_MAP if is_hdr else ():
        picture = picture.filter(name, **options)
    return picture.filter("format", "yuv420p").filter("setsar", 1)
