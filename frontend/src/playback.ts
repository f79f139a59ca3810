import type { AssetState, PlayerConfig } from "./player_config";

/** The address of a playback, whose rights were checked when it was answered. */
export interface Playback {
  base_url: string;
  playlist_url: string;
  state_url: string;
  expires_at: string;
  /** The texts that are asked for first, by their name below `base_url`. */
  documents: Record<string, string>;
}

/** Thrown when the server says no: signed out, withdrawn, or not found. */
export class PlaybackRefused extends Error {}

const REFUSED = [401, 403, 404, 410];

/** What is needed to keep where a person is in a lesson. */
export type Remembered = Pick<PlayerConfig, "csrf" | "share" | "resumeUrl">;

function posted(config: Remembered, content: object): RequestInit {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (config.csrf) headers["X-CSRFToken"] = config.csrf;
  return { headers, body: JSON.stringify({ share: config.share, ...content }) };
}

/** Asks for a playback. Throws PlaybackRefused, or TypeError when there is no connection. */
export async function openPlayback(config: PlayerConfig): Promise<Playback> {
  const wish = posted(config, {
    ticket: config.ticket,
    with_documents: true,
    wants_all: config.wantsAll ?? false,
  });
  const answer = await fetch(config.playUrl, { method: "POST", ...wish });
  // A page that stood open for long has an old token: 400 says no as 403 does.
  if (answer.status === 400 || REFUSED.includes(answer.status)) {
    throw new PlaybackRefused(`${answer.status}`);
  }
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  return (await answer.json()) as Playback;
}

/** Returns the state that came with the address. */
export function stateOf(playback: Playback): AssetState {
  return JSON.parse(playback.documents["state.json"] ?? "{}") as AssetState;
}

/** Reads the asset's state. Throws PlaybackRefused, or TypeError when there is no connection. */
export async function readState(playback: Playback): Promise<AssetState> {
  const answer = await fetch(playback.state_url, { cache: "no-store", credentials: "omit" });
  if (REFUSED.includes(answer.status)) throw new PlaybackRefused(`${answer.status}`);
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  return (await answer.json()) as AssetState;
}

/** Keeps where this person is; failing does no harm, the next one comes in 15 s. */
export function saveResumePoint(config: Remembered, positionS: number): void {
  if (!config.resumeUrl) return;
  const wish = posted(config, { position_s: positionS });
  fetch(config.resumeUrl, { method: "PUT", keepalive: true, ...wish }).catch(() => undefined);
}
