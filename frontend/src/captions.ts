const TIMES = /^((?:\d+:)?\d+:\d+[.,]\d+)\s+-->\s+((?:\d+:)?\d+:\d+[.,]\d+)(.*)$/;

/** One caption, before the browser's own class is made of it. */
export interface CaptionCue {
  startS: number;
  endS: number;
  text: string;
}

function seconds(clock: string): number {
  return clock
    .replace(",", ".")
    .split(":")
    .reduce((sum, piece) => sum * 60 + Number(piece), 0);
}

/** Reads the cues of a WebVTT text; what is not a cue is passed over. */
export function readCues(vtt: string): CaptionCue[] {
  const blocks = vtt.replace(/\r\n?/g, "\n").split(/\n{2,}/);
  return blocks.flatMap((block) => {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    const match = at < 0 ? null : TIMES.exec(lines[at] ?? "");
    if (!match) return [];
    const [, start = "", end = ""] = match;
    return [{ startS: seconds(start), endS: seconds(end), text: lines.slice(at + 1).join("\n") }];
  });
}

/**
 * Adds a track to the video and fills it.
 *
 * A `<track src>` is refused where the page's origin is opaque (embeds), so the text is fetched and
 * the cues are made here. Throws TypeError when it cannot be fetched.
 */
export async function addCaptions(
  video: HTMLVideoElement,
  url: string,
  label: string,
  language: string,
): Promise<TextTrack> {
  const answer = await fetch(url, { credentials: "omit" });
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  const track = video.addTextTrack("captions", label, language);
  for (const cue of readCues(await answer.text())) {
    const shown = new VTTCue(cue.startS, cue.endS, cue.text);
    shown.line = -3; // above the control bar
    track.addCue(shown);
  }
  return track;
}
