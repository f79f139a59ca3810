import { button, make, readConfig } from "./dom";
import { Attempt, type Saving } from "./package_attempt";
import type { Launch, PackageConfig, PackageWords } from "./package_config";
import { PackageFrame } from "./package_frame";
import { type Report, VERSION } from "./package_protocol";
import { fill } from "./words";

const REFUSED = [400, 401, 403, 404, 410];

/** Opens packages of a lesson on its page, in a sandbox, and shows what was reached. */
class PackagePlayer {
  private readonly stage = make("div", "package-stage");
  private readonly status = make("p", "package-status", { role: "status" });
  private readonly result = make("p", "package-result", { role: "status" });
  private readonly bar = make("div", "actions package-bar");
  private readonly attempt: Attempt;
  private readonly words: PackageWords;
  private current: Launch;
  private frame: PackageFrame | null = null;
  private base = "";
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: HTMLElement,
    private readonly config: PackageConfig,
  ) {
    this.words = config.words;
    this.current = config.launches[0] as Launch;
    this.attempt = new Attempt(config, (saving) => this.showSaving(saving));
    place.append(...this.parts(), this.stage, this.bar, this.result, this.status);
    this.offerStart();
    this.showResult();
    if (!config.attemptsUrl) this.showSaving("guest");
    document.addEventListener("fullscreenchange", () => this.fillBar());
  }

  /** The list of a package with several things to start. */
  private parts(): Node[] {
    const { launches } = this.config;
    if (launches.length < 2) return [];
    const entries = launches.map((launch, index) => {
      const open = button("package-part", this.nameOf(launch, index), () => this.next(() => this.open(launch)));
      open.dataset.path = launch.path;
      return make("li", "", {}, open);
    });
    const list = make("ul", "package-parts", { role: "list" }, ...entries);
    return [make("nav", "", { "aria-label": this.words.parts }, list)];
  }

  private nameOf(launch: Launch, index: number): string {
    return launch.title || fill(this.words.part, { number: index + 1 });
  }

  private offerStart(): void {
    const { start, go_on } = this.words;
    const begin = button("button package-start", this.attempt.isBegun ? go_on : start, () => {
      this.next(() => this.open(this.current));
    });
    this.stage.replaceChildren(begin);
    this.fillBar();
  }

  private fillBar(): void {
    const { words } = this;
    const isFull = document.fullscreenElement === this.place;
    const again = button("button button-quiet", words.start_again, () => this.next(() => this.startAgain()));
    const label = isFull ? words.leave_fullscreen : words.fullscreen;
    const full = button("button button-quiet", label, () => this.toggleFullscreen());
    this.bar.replaceChildren();
    if (this.frame && document.fullscreenEnabled) this.bar.append(full);
    if (this.attempt.isBegun) this.bar.append(again);
  }

  private toggleFullscreen(): void {
    const change = document.fullscreenElement ? document.exitFullscreen() : this.place.requestFullscreen();
    change.catch(() => undefined); // the browser says no: the page stays as it is
  }

  /** Does one thing after the other: a frame that is closed has last words to be heard. */
  private next(step: () => Promise<void>): void {
    this.turn = this.turn.then(step, step);
  }

  private async startAgain(): Promise<void> {
    this.frame?.drop(); // what it would say last belongs to the old attempt
    this.frame = null;
    this.attempt.startAgain();
    this.showResult();
    await this.open(this.current);
  }

  private async open(launch: Launch): Promise<void> {
    this.status.textContent = "";
    const base = await this.askForAddress();
    if (base === null) return;
    await this.frame?.close();
    this.current = launch;
    const { config, words } = this;
    const handover = {
      khlang: VERSION,
      item: launch.path,
      state: this.attempt.stateOf(launch.path),
      learnerId: this.attempt.now.id,
      lang: config.lang,
    } as const;
    const url = `${config.hostUrl}${base}p/${addressOf(launch)}`;
    const title = fill(words.frame_title, { title: launch.title || config.title });
    this.frame = new PackageFrame(url, title, handover, (report) => this.take(report));
    const { element } = this.frame;
    // Not before: the focus would stay behind with the empty page that is replaced.
    element.addEventListener("load", () => element.focus(), { once: true });
    this.stage.replaceChildren(element);
    this.markPart();
    this.fillBar();
    if (!config.attemptsUrl) this.showSaving("guest");
  }

  /** Returns where the package's files are for this person, or null after saying why not. */
  private async askForAddress(): Promise<string | null> {
    const { config, words } = this;
    if (this.base) return this.base; // the ticket of an embed works once
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (config.csrf) headers["X-CSRFToken"] = config.csrf;
    const body = JSON.stringify({ share: config.share, ticket: config.ticket });
    try {
      const answer = await fetch(config.playUrl, { method: "POST", headers, body });
      if (answer.ok) {
        this.base = ((await answer.json()) as { base_url: string }).base_url;
        return this.base;
      }
      this.status.textContent = REFUSED.includes(answer.status) ? words.not_allowed : words.failed_to_open;
    } catch {
      this.status.textContent = words.failed_to_open;
    }
    return null;
  }

  private markPart(): void {
    for (const part of this.place.querySelectorAll<HTMLElement>(".package-part")) {
      part.ariaCurrent = part.dataset.path === this.current.path ? "true" : null;
    }
  }

  private take(report: Report): void {
    if (report.kind === "height") {
      if (this.frame) this.frame.element.style.height = `${report.px}px`;
      return;
    }
    const wasBegun = this.attempt.isBegun;
    this.attempt.take(report);
    if (!wasBegun) this.fillBar();
    this.showResult();
  }

  private showResult(): void {
    const { now } = this.attempt;
    const { words } = this;
    const texts: string[] = [];
    if (now.score_raw !== null && now.score_max) {
      texts.push(fill(words.score, { score: now.score_raw, most: now.score_max }));
    } else if (now.score_scaled !== null) {
      texts.push(fill(words.score_percent, { percent: Math.round(now.score_scaled * 100) }));
    }
    if (now.completion === "completed") texts.push(words.completed);
    if (now.success !== "unknown") texts.push(words[now.success]);
    this.result.textContent = texts.join(" · ");
  }

  private showSaving(saving: Saving): void {
    const { kept, offline, not_kept, refused } = this.words;
    this.status.textContent = { kept, offline, refused, guest: not_kept }[saving];
  }
}

/** Returns a launch's path as addresses spell it; its query is the package's own. */
function addressOf({ path }: Launch): string {
  const at = path.search(/[?#]/);
  const end = at < 0 ? path.length : at;
  return path.slice(0, end).split("/").map(encodeURIComponent).join("/") + path.slice(end);
}

/** Makes a player of every package on the page. */
export function mountPackages(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-package]")) {
    new PackagePlayer(place, readConfig<PackageConfig>(place, "package"));
  }
}
