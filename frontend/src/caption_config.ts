import type { CueRow } from "./caption_model";

/** One place to correct, as the server found it. */
export interface CaptionFault {
  cue: number | null;
  code: string;
  line: number;
  column: number;
  text: string;
}

/** What the page says in `data-editor`. */
export interface EditorConfig {
  saveUrl: string;
  versionUrl: string;
  /** Where the text is edited that the lesson shows. */
  editUrl: string;
  csrf: string;
  draftName: string;
  asideId: string | null;
  version: number;
  language: string;
  kind: string;
  durationMs: number;
  cues: CueRow[];
  faults: CaptionFault[];
  /** The keys stand in server/web/editor_words.py. */
  words: Record<string, string>;
}

/** What somebody saved: by whom and when, and the text where it matters. */
export interface SavedVersion {
  version: number;
  by: string;
  at: string | null;
  cues?: CueRow[];
  faults?: CaptionFault[];
}

/** Writes the hour and minute of a moment. */
export function hourOf(at: string | number | null): string {
  const date = at === null ? new Date() : new Date(at);
  return date.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}
