import type { AttemptState, PackageConfig } from "./package_config";
import type { Progress } from "./package_protocol";

const BETWEEN_MS = 3000;
const RETRY_MS = 15_000;
const TOO_OFTEN = 429;
/** Browsers take no more with a request that outlives its page. */
const MOST_LASTING_CHARS = 20_000;

function newId(): string {
  if (window.isSecureContext) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function begun(): AttemptState {
  return {
    id: newId(),
    revision: 0,
    state: {},
    score_raw: null,
    score_min: null,
    score_max: null,
    score_scaled: null,
    completion: "unknown",
    success: "unknown",
    duration_s: 0,
  };
}

/** What is to be told about saving. */
export type Saving = "kept" | "offline" | "refused" | "guest";

/** One person's way through a package: joined from its items, saved now and then. */
export class Attempt {
  now: AttemptState;
  private readonly items = new Map<string, Progress>();
  private savedRevision: number;
  private savedAt = 0;
  private timer = 0;

  constructor(
    private readonly config: PackageConfig,
    private readonly onSaving: (saving: Saving) => void,
  ) {
    this.now = config.attempt ?? begun();
    this.savedRevision = this.now.revision;
    window.addEventListener("pagehide", () => this.save(true));
    window.addEventListener("online", () => this.save(false));
  }

  get isBegun(): boolean {
    return this.now.revision > 0;
  }

  stateOf(item: string): string {
    return this.now.state[item] ?? "";
  }

  /** Begins anew; what was kept before stays on the server as it was. */
  startAgain(): void {
    this.items.clear();
    this.now = begun();
    this.savedRevision = 0;
  }

  take(report: Progress): void {
    this.items.set(report.item, report);
    const { now } = this;
    now.revision += 1;
    now.state = { ...now.state, [report.item]: report.state };
    this.join();
    const waitMs = Math.max(0, this.savedAt + BETWEEN_MS - Date.now());
    this.timer ||= window.setTimeout(() => this.save(false), waitMs);
  }

  /** One item's result is the package's; of several the mean counts, and all must be done. */
  private join(): void {
    const { now, config } = this;
    const all = [...this.items.values()];
    const [only] = all;
    const shares = all.flatMap(({ score }) => (typeof score?.scaled === "number" ? [score.scaled] : []));
    const isSingle = config.launches.length === 1;
    now.duration_s = Math.max(now.duration_s, ...all.map(({ seconds }) => seconds));
    if (isSingle && only) {
      now.completion = only.completion;
      now.success = only.success;
      if (!only.score) return;
      now.score_raw = only.score.raw;
      now.score_min = only.score.min;
      now.score_max = only.score.max;
      now.score_scaled = only.score.scaled;
      return;
    }
    const isAll = config.launches.every(({ path }) => this.items.get(path)?.completion === "completed");
    if (now.completion !== "completed") now.completion = isAll ? "completed" : "incomplete";
    if (shares.length) now.score_scaled = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  }

  private save(isLast: boolean): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    const { config, now } = this;
    if (now.revision <= this.savedRevision) return;
    if (!config.attemptsUrl) {
      this.onSaving("guest");
      return;
    }
    this.savedAt = Date.now();
    const { id, ...told } = now;
    const body = JSON.stringify({ ...told, share: config.share });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": config.csrf ?? "" };
    const keepalive = isLast && body.length < MOST_LASTING_CHARS;
    fetch(`${config.attemptsUrl}${id}`, { method: "PUT", headers, body, keepalive })
      .then((answer) => this.answered(answer, now.id, told.revision))
      .catch(() => this.later());
  }

  private answered(answer: Response, id: string, revision: number): void {
    const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== TOO_OFTEN;
    if (isRefused) this.onSaving("refused"); // signed out, or too much: again would not help
    else if (!answer.ok) this.later();
    if (!answer.ok) return;
    if (id === this.now.id) this.savedRevision = Math.max(this.savedRevision, revision);
    this.onSaving("kept");
  }

  private later(): void {
    this.onSaving("offline");
    this.timer ||= window.setTimeout(() => this.save(false), RETRY_MS);
  }
}
