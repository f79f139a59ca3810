import type { Completion, Handover, Score, Success } from "../package_protocol";
import { scaledScore } from "../package_protocol";
import { Bridge } from "./bridge";
import { addStandIns, showAbove } from "./stand_ins";

type Values = Record<string, unknown>;

/** What both kinds of SCORM have in common in scorm-again. */
export interface Api {
  on(name: string, call: () => void): void;
  isNotInitialized(): boolean;
  loadFromJSON(json: Values, element: string): void;
  renderCommitObject(isLast: boolean, withTotalTime: boolean): Commit;
}

interface Commit {
  successStatus: string;
  completionStatus: string;
  totalTimeSeconds: number;
  runtimeData: Values;
  score?: Partial<Record<"raw" | "min" | "max" | "scaled", number>>;
}

/** Where the kinds differ. */
export interface Kind {
  /** The name under which content looks for it. */
  globalName: "API" | "API_1484_11";
  /** Its events: a value was set, saved, and the end. */
  events: { set: string; commit: string; end: string };
  /** Makes the values of last time those to begin with. */
  resume(cmi: Values): void;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function scoreOf({ score }: Commit): Score | null {
  const [raw, min, max] = [numberOf(score?.raw), numberOf(score?.min), numberOf(score?.max)];
  const scaled = numberOf(score?.scaled) ?? scaledScore(raw, min, max);
  return raw === null && scaled === null ? null : { raw, min, max, scaled };
}

/** Offers `api` to this page's scripts, and keeps what they set. */
export function offer(api: Api, kind: Kind): void {
  addStandIns();
  const load = (handover: Handover): void => {
    if (!handover.state || !api.isNotInitialized()) return;
    try {
      const cmi = (JSON.parse(handover.state) as Values).cmi as Values;
      kind.resume(cmi);
      api.loadFromJSON(cmi, "cmi");
    } catch {
      // What an earlier version of the package wrote: begin anew.
    }
  };
  const bridge = new Bridge(load);
  load(bridge.handover);
  const tell = (isUrgent: boolean): void => {
    const commit = api.renderCommitObject(true, true);
    bridge.tell(
      {
        state: JSON.stringify(commit.runtimeData),
        score: scoreOf(commit),
        completion: commit.completionStatus as Completion,
        success: commit.successStatus as Success,
        seconds: commit.totalTimeSeconds,
      },
      isUrgent,
    );
  };
  api.on(kind.events.set, () => tell(false));
  api.on(kind.events.commit, () => tell(true));
  api.on(kind.events.end, () => tell(true));
  const names = { [kind.globalName]: api };
  Object.assign(window, names);
  // Many search upwards from the page around theirs; there they find the same.
  const above: Values = { ...names, closed: false, length: 0, name: "", opener: null };
  above.parent = above.top = above.self = above.window = above;
  showAbove(above);
}
