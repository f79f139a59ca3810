"""Filters between an original's picture and the ladder: steady rate, shape, range, one field."""

from media_pipeline.ladder import RenditionSpec
from media_pipeline.probe import MediaInfo
from media_pipeline.source import Node

SAME_SHAPE = 0.05

# swscale's own bicubic curve, for zimg.
CURVE = {"filter": "bicubic", "param_a": 0, "param_b": 0.6}

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


def fitted(
    picture: Node, info: MediaInfo, spec: RenditionSpec, *, has_zimg: bool, is_hdr: bool
) -> Node:
    """Return the picture in the top rendition's size, whatever size its frames have.

    High dynamic range is mapped after scaling: its filters are slow, and then have less to do.
    """
    if is_hdr:
        picture = _in_one_shape(picture, spec.width_px, spec.height_px)
        for name, options in TONE_MAP:
            picture = picture.filter(name, **options)
        return picture.filter("format", "yuv420p").filter("setsar", 1)
    is_smaller = spec.width_px < info.width_px - 1
    if is_smaller and has_zimg:
        source_px = (info.width_px // 2 * 2, info.height_px // 2 * 2)
        picture = _in_one_shape(picture, *source_px).filter("format", "yuv420p")
        return scaled(picture, spec, has_zimg=True)
    picture = _in_one_shape(picture, spec.width_px, spec.height_px)
    return picture.filter("format", "yuv420p").filter("setsar", 1)


def scaled(picture: Node, spec: RenditionSpec, *, has_zimg: bool) -> Node:
    """Return a smaller picture of one whose frames all have one size and are yuv420p.

    zimg takes half the time of swscale for the same curve.
    """
    size = {"w": spec.width_px, "h": spec.height_px}
    picture = (
        picture.filter("zscale", **size, **CURVE) if has_zimg else picture.filter("scale", **size)
    )
    return picture.filter("format", "yuv420p").filter("setsar", 1)


def _in_one_shape(picture: Node, width_px: int, height_px: int) -> Node:
    """Give every frame one size; those that have it already are not touched.

    A phone turned while it records, or a window made larger, changes the size midway: what has
    another shape than the beginning is shown whole, between bars.
    """
    # A shape that differs by a rounding is no other shape.
    same = f"lt(abs(dar*{height_px}/{width_px}-1),{SAME_SHAPE})"
    fit = {
        "w": f"if({same},{width_px},max(2,2*trunc(min({width_px},{height_px}*dar)/2)))",
        "h": f"if({same},{height_px},max(2,2*trunc(min({height_px},{width_px}/dar)/2)))",
    }
    picture = picture.filter("scale", **fit, eval="frame", out_range="tv").filter("setsar", 1)
    return picture.filter("pad", width_px, height_px, "(ow-iw)/2", "(oh-ih)/2", eval="frame")
