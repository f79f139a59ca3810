import type { EditorConfig, SavedVersion } from "./caption_config";
import type { CueRow } from "./caption_model";

const LOOK_MS = 20_000;
const DRAFT_MS = 800;

/** What was not saved, and from which version it was begun. */
export interface Draft {
  version: number;
  base: CueRow[];
  cues: CueRow[];
  at: number;
}

/** How saving ended. */
export type Outcome =
  | { kind: "saved" | "changed" | "faulty"; saved: SavedVersion }
  | { kind: "offline" | "signed_out" | "refused" };

/** Keeps drafts in the browser and texts on the server, and learns when somebody else saves. */
export class CaptionKeeping {
  private draftTimer = 0;
  private readonly name: string;

  constructor(
    private readonly config: EditorConfig,
    public version: number,
  ) {
    // A file to correct is another text than the one that is shown.
    const name = config.asideId ? `${config.draftName}:${config.asideId}` : config.draftName;
    this.name = `khlang:${name}`;
  }

  findDraft(): Draft | null {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "null") as Draft | null;
    } catch {
      return null; // storage is forbidden here
    }
  }

  dropDraft(): void {
    window.clearTimeout(this.draftTimer);
    this.write(null);
  }

  /** Keeps a draft a moment after the last change; tells whether the browser could. */
  keepDraft(base: CueRow[], cues: () => CueRow[], onKept: (isKept: boolean) => void): void {
    window.clearTimeout(this.draftTimer);
    this.draftTimer = window.setTimeout(() => {
      const draft: Draft = { version: this.version, base, cues: cues(), at: Date.now() };
      onKept(this.write(JSON.stringify(draft)));
    }, DRAFT_MS);
  }

  /** Tells whether the browser kept it: storage can be forbidden, or full. */
  private write(text: string | null): boolean {
    try {
      if (text === null) localStorage.removeItem(this.name);
      else localStorage.setItem(this.name, text);
      return true;
    } catch {
      return false;
    }
  }

  async save(cues: CueRow[]): Promise<Outcome> {
    const { config, version } = this;
    const body = { version, language: config.language, kind: config.kind, aside_id: config.asideId, cues };
    let answer: Response;
    try {
      answer = await fetch(config.saveUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": config.csrf },
        body: JSON.stringify(body),
        redirect: "manual",
      });
    } catch {
      return { kind: "offline" };
    }
    if (answer.type === "opaqueredirect" || [400, 401, 403].includes(answer.status)) {
      return { kind: "signed_out" };
    }
    const kinds = { 200: "saved", 409: "changed", 422: "faulty" } as const;
    const kind = kinds[answer.status as keyof typeof kinds];
    const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (!kind || !isOurs) return { kind: "refused" };
    return { kind, saved: (await answer.json()) as SavedVersion };
  }

  /** Calls back when there is a newer version than the one that is edited here. */
  watch(onNewer: (saved: SavedVersion) => void): void {
    window.setInterval(async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(this.config.versionUrl, { cache: "no-store" });
        const saved = answer.ok ? ((await answer.json()) as SavedVersion) : null;
        if (saved && saved.version > this.version) onNewer(saved);
      } catch {
        // No line: saving will tell.
      }
    }, LOOK_MS);
  }
}
