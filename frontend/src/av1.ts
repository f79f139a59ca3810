import type { AssetState, RenditionState } from "./player_config";

/** The largest of what is made in AV1: what this device plays, it plays of every lesson. */
const LARGEST: VideoConfiguration = {
  contentType: 'video/mp4; codecs="av01.0.05M.08"',
  width: 1280,
  height: 720,
  framerate: 30,
  bitrate: 2_000_000,
};

let answer: Promise<boolean> | null = null;

/** Says whether the device decodes AV1 smoothly and sparingly: decoded by force it empties it. */
export function playsAv1(): Promise<boolean> {
  answer ??= ask();
  return answer;
}

async function ask(): Promise<boolean> {
  try {
    const { mediaCapabilities } = navigator;
    const found = await mediaCapabilities.decodingInfo({ type: "media-source", video: LARGEST });
    return found.supported && found.smooth && found.powerEfficient;
  } catch {
    return false; // it does not know the question
  }
}

/** Returns the state with AV1 in place of what it can stand for: larger pictures stay as they are. */
export function withAv1(state: AssetState): AssetState {
  const av1 = state.av1 ?? [];
  if (!av1.length) return state;
  const tallestPx = Math.max(...av1.map((each) => each.height_px));
  const isKept = (each: RenditionState) => each.height_px > tallestPx || !each.height_px;
  return { ...state, renditions: [...state.renditions.filter(isKept), ...av1] };
}
