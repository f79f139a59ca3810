import type { PlayerWords } from "./words";

/** One text track of the lesson; `url_name` is relative to the playback's base address. */
export interface TrackConfig {
  language: string;
  label: string;
  kind: string;
  url_name: string;
}

/** What the page says in `data-player`. */
export interface PlayerConfig {
  lessonId: string;
  assetId: string;
  kind: string;
  title: string;
  durationS: number;
  posterUrl: string | null;
  playUrl: string;
  ticket: string | null;
  share: string | null;
  csrf: string | null;
  resumeUrl: string | null;
  resumeS: number;
  tracks: TrackConfig[];
  lessonUrl: string;
  lang: string;
  words: PlayerWords;
}

/** The address of a playback, whose rights were checked when it was answered. */
export interface Playback {
  base_url: string;
  playlist_url: string;
  state_url: string;
  expires_at: string;
}

/** One quality in `state.json`. */
export interface RenditionState {
  name: string;
  kind: string;
  height_px: number;
  is_whole: boolean;
  average_bps: number;
  size_bytes: number;
}

/** How far the asset is: `state.json`. */
export interface AssetState {
  state: string;
  duration_s: number;
  watchable_s: number;
  missing_s: number;
  is_whole: boolean;
  percent: number;
  queue_place: number | null;
  error_code: string;
  renditions: RenditionState[];
}

/** Thrown when the server says no: signed out, withdrawn, or not found. */
export class PlaybackRefused extends Error {}

/** Asks for a playback. Throws PlaybackRefused, or TypeError when there is no connection. */
export async function openPlayback(config: PlayerConfig): Promise<Playback> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (config.csrf) headers["X-CSRFToken"] = config.csrf;
  const body = JSON.stringify({ share: config.share, ticket: config.ticket });
  const answer = await fetch(config.playUrl, { method: "POST", headers, body });
  if (answer.status >= 500 || answer.status === 429) throw new TypeError(`${answer.status}`);
  if (!answer.ok) throw new PlaybackRefused(`${answer.status}`);
  return (await answer.json()) as Playback;
}

/** Reads the asset's state. Throws PlaybackRefused, or TypeError when there is no connection. */
export async function readState(playback: Playback): Promise<AssetState> {
  const answer = await fetch(playback.state_url, { cache: "no-store", credentials: "omit" });
  if (answer.status === 401 || answer.status === 403) throw new PlaybackRefused();
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  return (await answer.json()) as AssetState;
}

/** Keeps where this person is; failing does no harm, the next one comes in 15 s. */
export function saveResumePoint(config: PlayerConfig, positionS: number): void {
  if (!config.resumeUrl) return;
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (config.csrf) headers["X-CSRFToken"] = config.csrf;
  const body = JSON.stringify({ position_s: positionS, share: config.share });
  fetch(config.resumeUrl, { method: "PUT", headers, body, keepalive: true }).catch(() => undefined);
}
