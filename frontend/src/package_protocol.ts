/**
 * What a lesson's page and a package in its sandbox say to each other, by messages alone.
 *
 * The page hands over where somebody was in the name of the frame, as scripts of packages ask for it
 * before any message could arrive. Nothing that a package says is believed without a look.
 */

export const VERSION = 1;
const MOST_STATE_CHARS = 200_000;
const LONGEST_ITEM = 1000;
const HIGHEST_PX = 4000;
const MOST_SCORE = 1e9;
const MOST_SECONDS = 1e7;

const COMPLETIONS = ["unknown", "not attempted", "incomplete", "completed"] as const;
const SUCCESSES = ["unknown", "passed", "failed"] as const;
export type Completion = (typeof COMPLETIONS)[number];
export type Success = (typeof SUCCESSES)[number];

/** Points; what a package does not say is null. `scaled` is from -1 to 1. */
export interface Score {
  raw: number | null;
  min: number | null;
  max: number | null;
  scaled: number | null;
}

/** Where somebody was: `state` is what the same player wrote before, "" at first. */
export interface Handover {
  khlang: typeof VERSION;
  item: string;
  state: string;
  learnerId: string;
  lang: string;
}

/** How far somebody is in one item. */
export interface Progress {
  khlang: typeof VERSION;
  kind: "progress";
  item: string;
  state: string;
  score: Score | null;
  completion: Completion;
  success: Success;
  seconds: number;
}

/** How high the content is. */
export interface Height {
  khlang: typeof VERSION;
  kind: "height";
  px: number;
}

/** "hello": a frame inside the package, which has no name of ours, asks for its handover. "end": the
 * page is about to take the package away. */
export interface Call {
  khlang: typeof VERSION;
  kind: "hello" | "end";
}

export type Report = Progress | Height;

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields | null {
  const isOurs = typeof value === "object" && value !== null && (value as Fields).khlang === VERSION;
  return isOurs ? (value as Fields) : null;
}

function numberIn(value: unknown, least: number, most: number): number | null {
  const isFine = typeof value === "number" && value >= least && value <= most;
  return isFine ? value : null;
}

function oneOf<Word extends string>(value: unknown, words: readonly Word[]): Word {
  return words.find((word) => word === value) ?? (words[0] as Word);
}

function scoreOf(value: unknown): Score | null {
  if (typeof value !== "object" || value === null) return null;
  const { raw, min, max, scaled } = value as Fields;
  return {
    raw: numberIn(raw, -MOST_SCORE, MOST_SCORE),
    min: numberIn(min, -MOST_SCORE, MOST_SCORE),
    max: numberIn(max, -MOST_SCORE, MOST_SCORE),
    scaled: numberIn(scaled, -1, 1),
  };
}

/** Returns a report made only of what we know, or null for anything else. */
export function readReport(data: unknown): Report | null {
  const fields = fieldsOf(data);
  if (fields?.kind === "height") {
    const px = numberIn(fields.px, 1, HIGHEST_PX);
    return px === null ? null : { khlang: VERSION, kind: "height", px };
  }
  if (fields?.kind !== "progress") return null;
  const { item, state } = fields;
  if (typeof item !== "string" || item.length > LONGEST_ITEM) return null;
  if (typeof state !== "string" || state.length > MOST_STATE_CHARS) return null;
  return {
    khlang: VERSION,
    kind: "progress",
    item,
    state,
    score: scoreOf(fields.score),
    completion: oneOf(fields.completion, COMPLETIONS),
    success: oneOf(fields.success, SUCCESSES),
    seconds: numberIn(fields.seconds, 0, MOST_SECONDS) ?? 0,
  };
}

/** Tells whether a message is this call. */
export function isCall(data: unknown, kind: Call["kind"]): boolean {
  return fieldsOf(data)?.kind === kind;
}

/** Returns a handover, or null for anything else. */
export function readHandover(data: unknown): Handover | null {
  const fields = fieldsOf(data);
  if (typeof fields?.item !== "string" || typeof fields.state !== "string" || fields.kind) return null;
  const { item, state } = fields;
  const learnerId = typeof fields.learnerId === "string" ? fields.learnerId : "";
  const lang = typeof fields.lang === "string" ? fields.lang : "";
  return { khlang: VERSION, item, state, learnerId, lang };
}

/** Returns the points as a share from -1 to 1, as far as the package says enough. */
export function scaledScore(raw: number | null, min: number | null, max: number | null): number | null {
  if (raw === null || max === null || max <= (min ?? 0)) return null;
  const share = (raw - (min ?? 0)) / (max - (min ?? 0));
  return Math.min(1, Math.max(-1, share));
}
