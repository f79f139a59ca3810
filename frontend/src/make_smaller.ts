import {
  ALL_FORMATS,
  BlobSource,
  canEncodeAudio,
  canEncodeVideo,
  Conversion,
  type ConversionAudioOptions,
  type ConversionVideoOptions,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
  Mp4OutputFormat,
  NullTarget,
  Output,
  Quality,
  StreamTarget,
  type Target,
} from "mediabunny";

/** Enough for a teacher's handwriting; what students are shown is made from it. */
const SHORT_SIDE_PX = 720;
const PICTURE_BPS = 1_500_000;
const SPEECH_BPS = 64_000;
const MOST_FPS = 30;
/** The server takes the picture as it is when key frames stand no further apart than 5 s. */
const KEY_GAP_S = 4;
const TRIAL_S = 2;
const FRAMES_LOOKED_AT = 120;
/** A result that is shorter than the recording by more is not trusted. */
const LOST_S = 1.5;

/** What is known of a recording that can be made smaller. */
export interface Recording {
  durationS: number;
  bps: number;
  /** About as many bytes as the small one will have. */
  smallBytes: number;
}

function open(file: Blob): Input {
  return new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
}

/** Returns what making it smaller would give; null where this browser cannot. */
export async function examine(file: Blob): Promise<Recording | null> {
  const input = open(file);
  try {
    const picture = await input.getPrimaryVideoTrack();
    if (!picture || !(await picture.canDecode())) return null;
    const size = await sizeOf(picture);
    if (!(await canEncodeVideo("avc", { ...size, quality: new Quality({ bitrate: PICTURE_BPS }) }))) {
      return null;
    }
    const sound = await input.getPrimaryAudioTrack();
    if (sound && !(await canTake(sound))) return null;
    const durationS = await input.computeDuration();
    const soundBps = sound ? await soundBpsOf(sound) : 0;
    const smallBytes = (durationS * (PICTURE_BPS + soundBps)) / 8;
    return { durationS, bps: (file.size * 8) / durationS, smallBytes };
  } finally {
    input.dispose();
  }
}

/** Returns how many seconds one second of the recording takes on this device, by trying. */
export async function trySpeed(file: Blob, durationS: number): Promise<number> {
  const input = open(file);
  try {
    const start = Math.max(0, durationS / 2 - TRIAL_S);
    const end = Math.min(durationS, start + TRIAL_S);
    const conversion = await convert(input, new NullTarget(), { start, end });
    const beganAt = performance.now();
    await conversion.execute();
    return (performance.now() - beganAt) / 1000 / (end - start);
  } finally {
    input.dispose();
  }
}

/** Writes a smaller MP4 of `file` into `out`. Throws when it cannot, or `signal` says stop. */
export async function makeSmaller(
  file: Blob,
  out: FileSystemFileHandle,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const input = open(file);
  const writable = await out.createWritable();
  try {
    const target = new StreamTarget(writable, { chunked: true, chunkSize: 2 ** 20 });
    const conversion = await convert(input, target);
    conversion.onProgress = onProgress;
    signal.addEventListener("abort", () => void conversion.cancel());
    signal.throwIfAborted();
    await conversion.execute();
    const durationS = await input.computeDuration();
    await checkLength(await out.getFile(), durationS);
  } catch (error) {
    await writable.abort().catch(() => undefined); // it may be closed already
    throw error;
  } finally {
    input.dispose();
  }
}

async function checkLength(made: Blob, durationS: number): Promise<void> {
  const input = open(made);
  const lostS = durationS - (await input.computeDuration());
  input.dispose();
  if (lostS > LOST_S) throw new Error(`${lostS} s are missing`);
}

async function convert(
  input: Input,
  target: Target,
  trim?: { start: number; end: number },
): Promise<Conversion> {
  const output = new Output({ format: new Mp4OutputFormat(), target });
  const conversion = await Conversion.init({
    input,
    output,
    tracks: "primary",
    video: pictureOptions,
    audio: soundOptions,
    tags: {}, // where it was filmed, and with what, stays here
    trim,
    showWarnings: false,
  });
  const isLost = conversion.discardedTracks.some(
    ({ track }) => track.isVideoTrack() || track.isAudioTrack(),
  );
  if (!conversion.isValid || (isLost && conversion.utilizedTracks.length < 1)) {
    throw new Error("not to be converted here");
  }
  return conversion;
}

async function pictureOptions(track: InputVideoTrack): Promise<ConversionVideoOptions> {
  const { averagePacketRate } = await track.computePacketStats(FRAMES_LOOKED_AT);
  return {
    ...(await sizeOf(track)),
    fit: "fill",
    codec: "avc",
    quality: new Quality({ bitrate: PICTURE_BPS }),
    frameRate: averagePacketRate > MOST_FPS + 1 ? MOST_FPS : undefined,
    keyFrameInterval: KEY_GAP_S,
    allowTransformationMetadata: false, // turned upright for good: then nothing can lose it
    forceTranscode: true,
  };
}

/** Sound is copied where it is AAC; browsers seldom encode that, so the rest becomes Opus. */
async function soundOptions(track: InputAudioTrack): Promise<ConversionAudioOptions> {
  if ((await track.getCodec()) === "aac") return {};
  return { codec: "opus", quality: new Quality({ bitrate: SPEECH_BPS }) };
}

async function canTake(sound: InputAudioTrack): Promise<boolean> {
  if ((await sound.getCodec()) === "aac") return true;
  return (await sound.canDecode()) && (await canEncodeAudio("opus"));
}

async function soundBpsOf(sound: InputAudioTrack): Promise<number> {
  if ((await sound.getCodec()) !== "aac") return SPEECH_BPS;
  return (await sound.computePacketStats(FRAMES_LOOKED_AT)).averageBitrate;
}

/** Returns the size as shown, upright, with the short side at most 720, both even. */
async function sizeOf(track: InputVideoTrack): Promise<{ width: number; height: number }> {
  const width = await track.getDisplayWidth();
  const height = await track.getDisplayHeight();
  const share = Math.min(1, SHORT_SIDE_PX / Math.min(width, height));
  const even = (length: number) => Math.max(2, Math.round((length * share) / 2) * 2);
  return { width: even(width), height: even(height) };
}
