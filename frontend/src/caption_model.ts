/** One caption in the editor; a time that cannot be read yet is null. */
export interface EditedCue {
  startMs: number | null;
  endMs: number | null;
  text: string;
}

/** As the server sends and takes them: start, end, words. */
export type CueRow = [number | null, number | null, string];

const MOST_UNDOS = 200;
const NEW_MS = 2000;
const FASTEST = 25; // letters a second; Thai vowels and tone marks above a letter not counted
const MARKS = /[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\s]/gu;

export const fromRows = (rows: CueRow[]): EditedCue[] =>
  rows.map(([startMs, endMs, text]) => ({ startMs, endMs, text }));

export const toRows = (cues: EditedCue[]): CueRow[] =>
  cues.map(({ startMs, endMs, text }) => [startMs, endMs, text]);

/** What is wrong with a caption, by the names of the editor's words; and what may be. */
export function faultsOf(cue: EditedCue, durationMs: number): string[] {
  if (cue.startMs === null || cue.endMs === null) return ["missing_time"];
  if (cue.endMs <= cue.startMs) return ["bad_order"];
  return durationMs && cue.endMs > durationMs + 1000 ? ["past_end"] : [];
}

/** Letters a second, if they are more than people read. */
export function tooFast(cue: EditedCue): number | null {
  if (cue.startMs === null || cue.endMs === null || cue.endMs <= cue.startMs) return null;
  const rate = (cue.text.replace(MARKS, "").length * 1000) / (cue.endMs - cue.startMs);
  return rate > FASTEST ? Math.round(rate) : null;
}

/** The captions being edited; every change can be undone. */
export class CaptionModel {
  private readonly past: EditedCue[][] = [];

  constructor(
    public cues: EditedCue[],
    private readonly onChange: () => void,
  ) {}

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  /** Changes one caption; nothing happens where nothing would be different. */
  set(at: number, change: Partial<EditedCue>): void {
    const cue = this.cues[at];
    if (!cue) return;
    const changed = { ...cue, ...change };
    if (JSON.stringify(changed) === JSON.stringify(cue)) return;
    this.replace(this.cues.map((each, number) => (number === at ? changed : each)));
  }

  /** Splits the words at the cursor, and the time in the same proportion. */
  split(at: number, cursor: number): void {
    const cue = this.cues[at];
    if (!cue) return;
    const middle = cursor > 0 && cursor < cue.text.length ? cursor : Math.floor(cue.text.length / 2);
    const before = { ...cue, text: cue.text.slice(0, middle).trim() };
    const after = { ...cue, text: cue.text.slice(middle).trim() };
    if (cue.startMs !== null && cue.endMs !== null) {
      const share = cue.text.length ? middle / cue.text.length : 0.5;
      const atMs = Math.round(cue.startMs + (cue.endMs - cue.startMs) * share);
      before.endMs = after.startMs = atMs;
    }
    this.replace(this.spliced(at, 1, before, after));
  }

  /** Joins a caption with the next one. */
  merge(at: number): void {
    const [cue, next] = [this.cues[at], this.cues[at + 1]];
    if (!cue || !next) return;
    const text = [cue.text, next.text].filter(Boolean).join("\n");
    const joined = {
      startMs: cue.startMs ?? next.startMs,
      endMs: next.endMs ?? cue.endMs,
      text,
    };
    this.replace(this.spliced(at, 2, joined));
  }

  remove(at: number): void {
    this.replace(this.spliced(at, 1));
  }

  /** Adds an empty caption from `startMs` on; returns where it stands. */
  add(startMs: number, mostMs: number): number {
    const found = this.cues.findIndex((cue) => (cue.startMs ?? -1) > startMs);
    const at = found < 0 ? this.cues.length : found;
    const nextMs = this.cues[at]?.startMs ?? Infinity;
    const endMs = Math.min(startMs + NEW_MS, Math.max(nextMs, startMs + 500), mostMs || Infinity);
    this.replace(this.spliced(at, 0, { startMs, endMs, text: "" }));
    return at;
  }

  /** Moves all times from one caption on; none goes below 0. */
  shift(from: number, byMs: number): void {
    const moved = (ms: number | null) => (ms === null ? null : Math.max(0, ms + byMs));
    const shifted = (cue: EditedCue) => ({
      ...cue, startMs: moved(cue.startMs), endMs: moved(cue.endMs),
    });
    this.replace(this.cues.map((cue, at) => (at < from ? cue : shifted(cue))));
  }

  private spliced(at: number, removed: number, ...added: EditedCue[]): EditedCue[] {
    return [...this.cues.slice(0, at), ...added, ...this.cues.slice(at + removed)];
  }

  /** Takes other captions in the place of all. */
  replace(cues: EditedCue[]): void {
    this.past.push(this.cues);
    if (this.past.length > MOST_UNDOS) this.past.shift();
    this.cues = cues;
    this.onChange();
  }

  undo(): void {
    const before = this.past.pop();
    if (!before) return;
    this.cues = before;
    this.onChange();
  }

  /** The caption that is shown at a moment; -1 for none. */
  shownAt(ms: number): number {
    return this.cues.findIndex(
      ({ startMs, endMs }) => startMs !== null && endMs !== null && startMs <= ms && ms < endMs,
    );
  }
}

/**
 * Brings two texts together that began from the same one: what only one changed is taken; where both
 * changed the same caption, both versions stand side by side for a person to choose.
 */
export function mergeTexts(base: CueRow[], mine: CueRow[], theirs: CueRow[]): CueRow[] {
  const names = (rows: CueRow[]) => new Set(rows.map((row) => JSON.stringify(row)));
  const [inBase, inMine, inTheirs] = [names(base), names(mine), names(theirs)];
  const kept = base.filter((row) => inMine.has(JSON.stringify(row)) && inTheirs.has(JSON.stringify(row)));
  const isNew = (row: CueRow) => !inBase.has(JSON.stringify(row));
  const added = [...mine.filter(isNew), ...theirs.filter((row) => isNew(row) && !inMine.has(JSON.stringify(row)))];
  return [...kept, ...added].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}
