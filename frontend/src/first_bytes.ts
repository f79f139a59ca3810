import { expectedBps } from "./line_speed";
import { type Playback, stateOf } from "./playback";
import { availableS, type Quality, sound, startWith } from "./renditions";

/** Bytes that came, and when: the line is measured by them, too. */
export interface Came {
  data: ArrayBuffer;
  askedMs: number;
  firstMs: number;
  endMs: number;
}

interface Wanted {
  url: string;
  from: number;
  to: number;
  came: Promise<Came>;
}

/** Returns the byte ranges [from, to) of the header and the segment that hold this second. */
function rangesAt(playlist: string, atS: number): { uri: string; from: number; to: number }[] {
  const segment = /#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d+)@|#EXTINF:([\d.]+)|RANGE:(\d+)@(\d+)/g;
  let [uri, header, endS] = ["", 0, 0];
  for (const [, map, headerBytes, lengthS, size, offset] of playlist.matchAll(segment)) {
    if (map) [uri, header] = [map, Number(headerBytes)];
    if (lengthS) endS += Number(lengthS);
    if (!size || endS <= atS) continue;
    const [from, to] = [Number(offset), Number(offset) + Number(size)];
    if (from === header) return [{ uri, from: 0, to }]; // both in one piece: a round trip less
    return [{ uri, from: 0, to: header }, { uri, from, to }];
  }
  return [];
}

async function fetchRange(url: string, from: number, to: number): Promise<Came> {
  const askedMs = performance.now();
  const headers = { Range: `bytes=${from}-${to - 1}` };
  const answer = await fetch(url, { headers, credentials: "omit" });
  const firstMs = performance.now();
  if (answer.status !== 206) throw new TypeError(`${answer.status}`);
  return { data: await answer.arrayBuffer(), askedMs, firstMs, endMs: performance.now() };
}

/** What is known, or on its way, before the player asks for it: each round trip costs 0.3 s. */
export class FirstBytes {
  private readonly texts = new Map<string, string>();
  private readonly wanted: Wanted[] = [];

  constructor(playback: Playback) {
    for (const [name, text] of Object.entries(playback.documents)) {
      this.texts.set(new URL(playback.base_url + name, location.href).href, text);
    }
  }

  /** Asks at once for the first segment of this playlist, if its text is known. */
  fetchAt(playlistUrl: string, atS: number): void {
    const playlist = this.texts.get(new URL(playlistUrl, location.href).href) ?? "";
    for (const { uri, from, to } of rangesAt(playlist, atS)) {
      const url = new URL(uri, new URL(playlistUrl, location.href)).href;
      const came = fetchRange(url, from, to);
      came.catch(() => undefined); // who asks for it is told
      this.wanted.push({ url, from, to, came });
    }
  }

  /** Gives a text once: a growing playlist is read again from the server. */
  takeText(url: string): string | undefined {
    const { href } = new URL(url, location.href);
    const text = this.texts.get(href);
    this.texts.delete(href);
    return text;
  }

  /** Returns the bytes [from, to) when they were asked for already. */
  find(url: string, from: number, to: number): Promise<Came> | undefined {
    const covers = (each: Wanted) => each.url === url && each.from <= from && to <= each.to;
    const found = this.wanted.find(covers);
    return found?.came.then((came) => {
      return { ...came, data: came.data.slice(from - found.from, to - found.from) };
    });
  }
}

/** Fetches the beginning of what will be played, while the player's script is still on its way. */
export function fetchFirst(playback: Playback, quality: Quality, startS: number): FirstBytes {
  const known = new FirstBytes(playback);
  const state = stateOf(playback);
  const atS = Math.max(0, Math.min(startS, availableS(state, state.duration_s) - 1));
  const picture = quality === "sound" ? undefined : startWith(state, quality, expectedBps());
  for (const each of [picture, sound(state)]) {
    if (each) known.fetchAt(`${playback.base_url}${each.name}.m3u8`, atS);
  }
  return known;
}
