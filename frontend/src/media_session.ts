import type { PlayerConfig } from "./player_config";

const STEP_S = 10;

/** What the lock screen's buttons do. */
export interface SessionActions {
  seekTo(positionS: number): void;
  durationS(): number;
}

/** Tells the lock screen and headset buttons what plays here, and lets them steer it. */
export function describeSession(
  video: HTMLVideoElement,
  config: PlayerConfig,
  actions: SessionActions,
): void {
  if (!("mediaSession" in navigator)) return;
  const { mediaSession } = navigator;
  const artwork = config.posterUrl
    ? [{ src: new URL(config.posterUrl, location.href).href, sizes: "640x360", type: "image/jpeg" }]
    : [];
  mediaSession.metadata = new MediaMetadata({ title: config.title, artist: config.maker, artwork });
  const by = (stepS: number) => actions.seekTo(video.currentTime + stepS);
  const table: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", () => void video.play().catch(() => undefined)],
    ["pause", () => video.pause()],
    ["seekbackward", ({ seekOffset }) => by(-(seekOffset ?? STEP_S))],
    ["seekforward", ({ seekOffset }) => by(seekOffset ?? STEP_S)],
    ["seekto", ({ seekTime }) => actions.seekTo(seekTime ?? video.currentTime)],
  ];
  for (const [name, act] of table) {
    try {
      mediaSession.setActionHandler(name, act);
    } catch {
      // This browser does not know the action.
    }
  }
  const tell = () => {
    const duration = actions.durationS();
    mediaSession.playbackState = video.paused ? "paused" : "playing";
    if (!(duration > 0)) return;
    const position = Math.min(video.currentTime, duration);
    mediaSession.setPositionState({ duration, position, playbackRate: video.playbackRate });
  };
  for (const name of ["play", "pause", "seeked", "ratechange", "playing"]) {
    video.addEventListener(name, tell);
  }
}
