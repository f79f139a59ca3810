import { playsAv1, withAv1 } from "./av1";
import type { AssetState, PlayerConfig, RenditionState } from "./player_config";

/** The address of a playback, whose rights were checked when it was answered. */
export interface Playback {
  base_url: string;
  playlist_url: string;
  state_url: string;
  expires_at: string;
  /** The texts that are asked for first, by their name below `base_url`. */
  documents: Record<string, string>;
  /** Says who watches, in reports of what was watched; null for guests. */
  progress_pass: string | null;
  /** Whether this device is given AV1 where there is some. */
  playsAv1: boolean;
}

/** Thrown when the server says no: signed out, withdrawn, or not found. */
export class PlaybackRefused extends Error {}

const REFUSED = [401, 403, 404, 410];

function posted(config: PlayerConfig, content: object): RequestInit {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (config.csrf) headers["X-CSRFToken"] = config.csrf;
  return { headers, body: JSON.stringify({ share: config.share, ...content }) };
}

/** Asks for a playback. Throws PlaybackRefused, or TypeError when there is no connection. */
export async function openPlayback(config: PlayerConfig): Promise<Playback> {
  const isAv1 = await playsAv1();
  const wish = posted(config, {
    ticket: config.ticket,
    with_documents: true,
    plays_av1: isAv1,
    wants_all: config.wantsAll ?? false,
  });
  const answer = await fetch(config.playUrl, { method: "POST", ...wish });
  // A page that stood open for long has an old token: 400 says no as 403 does.
  if (answer.status === 400 || REFUSED.includes(answer.status)) {
    throw new PlaybackRefused(`${answer.status}`);
  }
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  return { ...((await answer.json()) as Playback), playsAv1: isAv1 };
}

/** Returns the state that came with the address. */
export function stateOf(playback: Playback): AssetState {
  return asPlayed(playback, JSON.parse(playback.documents["state.json"] ?? "{}") as AssetState);
}

/** Reads the asset's state. Throws PlaybackRefused, or TypeError when there is no connection. */
export async function readState(playback: Playback): Promise<AssetState> {
  const answer = await fetch(playback.state_url, { cache: "no-store", credentials: "omit" });
  if (REFUSED.includes(answer.status)) throw new PlaybackRefused(`${answer.status}`);
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  return asPlayed(playback, (await answer.json()) as AssetState);
}

/** Returns the address of the playlist with this rendition and those beside it. */
export function playlistWith(playback: Playback, rendition: RenditionState | undefined): string {
  return rendition?.kind === "av1" ? `${playback.base_url}av1.m3u8` : playback.playlist_url;
}

function asPlayed(playback: Playback, state: AssetState): AssetState {
  return playback.playsAv1 ? withAv1(state) : state;
}
