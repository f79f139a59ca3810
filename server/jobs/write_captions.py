"""Have the configured speech model write a lesson's captions."""

from media_pipeline.captions import format_cues
from media_pipeline.run import Progress
from media_pipeline.speech import write_speech
from server.jobs.rendition_file import write_rendition
from server.jobs.workshop import Workshop
from server.messages import WriteCaptions
from server.models.lessons import Lesson
from server.models.library import Asset, Part
from server.queue import Lease
from server.services.assets import SOUND, rendition_named
from server.services.automatic_captions import is_without_captions, keep_automatic_captions
from server.services.captions import TrackName
from server.services.lesson_texts import store_captions


def write_captions(job: WriteCaptions, shop: Workshop, lease: Lease) -> None:
    """Listen to the lesson's sound and keep what was heard, marked as automatic."""
    with shop.reading() as session:
        lesson = session.get(Lesson, job.lesson_id)
        asset = lesson.original.asset if lesson and lesson.original else None
        if lesson is None or asset is None or asset.id != job.asset_id:
            return
        if not shop.speech_command or not is_without_captions(lesson):
            return
        name = TrackName(lesson.id, lesson.language)
        sound = rendition_named(session, asset.id, SOUND)
        parts = list(sound.parts) if sound else []
    _listen(shop, lease, asset, parts, name)


def _listen(shop: Workshop, lease: Lease, asset: Asset, parts: list[Part], name: TrackName) -> None:
    def tick(_progress: Progress) -> None:
        lease.renew(0.0)

    path = write_rendition(
        shop, asset.id, parts, shop.work_path / "sound.mp4", lambda: lease.renew(0.0)
    )
    cues = write_speech(
        shop.speech_command,
        path,
        shop.tools,
        language=name.language,
        duration_s=asset.duration_s,
        on_tick=tick,
    )
    if not cues:
        return  # nobody speaks
    store_captions(shop.store, asset.id, [format_cues(cues)])
    with shop.writing(lease) as session:
        keep_automatic_captions(session, shop.now, name=name, cues=cues, asset_id=asset.id)
