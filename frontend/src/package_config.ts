import type { Completion, Success } from "./package_protocol";

/** Something to start; `path` may end in a query. */
export interface Launch {
  title: string;
  path: string;
}

/** How far a person is, as the page and the API say it. */
export interface AttemptState {
  id: string;
  revision: number;
  state: Record<string, string>;
  score_raw: number | null;
  score_min: number | null;
  score_max: number | null;
  score_scaled: number | null;
  completion: Completion;
  success: Success;
  duration_s: number;
}

/** What the page says in `data-package`. */
export interface PackageConfig {
  title: string;
  form: string;
  launches: Launch[];
  playUrl: string;
  /** Where packages have a host of their own; "" for this one. */
  hostUrl: string;
  ticket: string | null;
  share: string | null;
  csrf: string | null;
  /** Ends in "/"; null for guests, for whom nothing is kept. */
  attemptsUrl: string | null;
  attempt: AttemptState | null;
  lang: string;
  words: PackageWords;
}

/** Words in the `words` of `data-package`. */
export interface PackageWords {
  /** "Start" */
  start: string;
  /** "Go on" */
  go_on: string;
  /** "Start again" */
  start_again: string;
  /** "Full screen" */
  fullscreen: string;
  /** "Leave full screen" */
  leave_fullscreen: string;
  /** "Parts of this lesson" */
  parts: string;
  /** "Part {number}" */
  part: string;
  /** "Interactive content: {title}" */
  frame_title: string;
  /** "Score {score} of {most}" */
  score: string;
  /** "Score {percent}%" */
  score_percent: string;
  /** "All done" */
  completed: string;
  /** "Passed" */
  passed: string;
  /** "Not passed yet" */
  failed: string;
  /** "Your work is kept" */
  kept: string;
  /** "Not signed in: the work is not kept" */
  not_kept: string;
  /** "No connection. …" */
  offline: string;
  /** "The latest work could not be kept. …" */
  refused: string;
  /** "This lesson may no longer be opened here …" */
  not_allowed: string;
  /** "It could not be opened. …" */
  failed_to_open: string;
}
