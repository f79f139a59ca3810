import type { Range } from "./timeline";
import type { PlayerWords } from "./words";

/** One text track of the lesson; `url_name` is relative to the playback's base address. */
export interface TrackConfig {
  language: string;
  label: string;
  kind: string;
  url_name: string;
}

/** Where a part of the lesson begins. */
export interface Chapter {
  startS: number;
  title: string;
}

/** Questions inside the recording; `url` gives them as parts of a page. */
export interface QuestionsConfig {
  url: string;
  /** `atS` is original time; `isOpen`: not answered well enough, and it may be tried. */
  asked: { itemId: string; atS: number; isOpen: boolean }[];
}

/** What the page says in `data-player`. */
export interface PlayerConfig {
  lessonId: string;
  assetId: string;
  kind: string;
  title: string;
  maker: string;
  durationS: number;
  posterUrl: string | null;
  playUrl: string;
  ticket: string | null;
  share: string | null;
  csrf: string | null;
  /** Whether the server knows where this person goes on; else this browser may. */
  isKnown: boolean;
  resumeS: number;
  tracks: TrackConfig[];
  chapters: Chapter[];
  /** As in the state: what the page knows before the playback begins. */
  keptRanges?: Range[];
  /** Where it stops to ask; null for guests, and where there is nothing to ask. */
  questions?: QuestionsConfig | null;
  /** All of a trimmed lesson's file, for its teacher's tools. */
  wantsAll?: boolean;
  lessonUrl: string;
  lang: string;
  words: PlayerWords;
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

/** One sheet of small frames, row by row, one for every `interval_s` from 0. */
export interface Storyboard {
  name: string;
  columns: number;
  rows: number;
  tile_count: number;
  interval_s: number;
  tile_width_px: number;
  tile_height_px: number;
}

/** How far the asset is: `state.json`. */
export interface AssetState {
  state: string;
  kind: "unknown" | "video" | "audio" | "document" | "image" | "package";
  duration_s: number;
  watchable_s: number;
  missing_s: number;
  is_whole: boolean;
  percent: number;
  queue_place: number | null;
  /** Ranges of the original that are shown one after the other; none: all of it. */
  kept_ranges?: Range[];
  /** Seconds until all of it can be watched, and until every quality is there; null: not known. */
  watchable_in_s?: number | null;
  ready_in_s?: number | null;
  error_code: string;
  renditions: RenditionState[];
  /** The same in fewer bytes, all or none; in a playlist of their own. */
  av1?: RenditionState[];
  storyboard: Storyboard | null;
  /** The name of the loudness of a lesson that is sound alone, relative to the base address. */
  waveform?: { name: string } | null;
}
