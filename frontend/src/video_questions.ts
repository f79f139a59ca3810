import { button, make, readConfig } from "./dom";
import type { QuestionsConfig } from "./player_config";
import { mountPlayers } from "./player_mount";
import { ANSWERED, mountQuizzes, type QuizWords } from "./quiz_form";

const LAST_S = 0.5; // a question at the very end is asked just before it
const STEP_S = 2; // between two looks while it plays; more was a jump

interface Place {
  itemId: string;
  atS: number;
  isOpen: boolean;
}

/** Stops a recording where something is asked, and goes on after the answer. */
export class VideoQuestions {
  private readonly places: Place[];
  private sections = new Map<string, HTMLElement>();
  private givenMs = 0;
  private loading: Promise<void> | null = null;
  private seenS = 0;
  private isAsking = false;

  /** `shownS` converts from the original's time to what is shown. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly config: QuestionsConfig,
    private readonly shownS: (atS: number) => number,
    private readonly durationS: () => number,
  ) {
    this.places = config.asked.map((each) => ({ ...each }));
  }

  listen(): void {
    const { video } = this;
    this.seenS = video.currentTime;
    video.addEventListener("seeking", () => (this.seenS = video.currentTime));
    video.addEventListener("timeupdate", () => this.look());
    void this.load();
  }

  /** Asks when a place is reached by playing, not when it is jumped over. */
  private look(): void {
    const { video, seenS } = this;
    const nowS = video.currentTime;
    this.seenS = nowS;
    if (this.isAsking || video.seeking || nowS < seenS || nowS - seenS > STEP_S * video.playbackRate) {
      return;
    }
    const reached = this.places.find((place) => {
      const atS = Math.min(this.shownS(place.atS), this.durationS() - LAST_S);
      return place.isOpen && seenS <= atS && atS < nowS;
    });
    if (reached) void this.ask(reached);
  }

  private load(): Promise<void> {
    this.loading ??= this.fetch().catch(() => void (this.loading = null)); // tried again when asked
    return this.loading;
  }

  private async fetch(): Promise<void> {
    const answer = await fetch(this.config.url, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.givenMs = performance.now();
    for (const section of page.querySelectorAll<HTMLElement>("[data-quiz]")) {
      this.sections.set(section.id, document.importNode(section, true));
    }
  }

  private async ask(place: Place): Promise<void> {
    this.isAsking = true;
    this.video.pause();
    await this.load();
    const section = this.sections.get(`quiz-${place.itemId}`);
    if (section) await this.show(place, section);
    this.isAsking = false;
    this.video.play().catch(() => undefined); // the browser may want a press first
  }

  /** Resolves when the person goes on. */
  private show(place: Place, section: HTMLElement): Promise<void> {
    const { words } = readConfig<{ words: QuizWords }>(section, "quiz");
    const close = button("button button-quiet", words.later, () => dialog.close());
    const title = make("h2", "section-title", { id: "asked-title" }, words.asked);
    const dialog = make("dialog", "quiz-dialog", { "aria-labelledby": "asked-title" });
    dialog.append(title, section, make("p", "actions", {}, close));
    document.body.append(dialog);
    dialog.addEventListener(ANSWERED, () => {
      place.isOpen = dialog.querySelector("[data-quiz-form]:not([hidden])") !== null;
      close.textContent = place.isOpen ? words.later : words.go_on;
    });
    mountQuizzes(dialog, this.givenMs);
    mountPlayers(dialog);
    this.leaveNativeFullscreen();
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        const last = dialog.querySelector<HTMLElement>("[data-quiz]");
        if (last) this.sections.set(`quiz-${place.itemId}`, last);
        dialog.remove();
        resolve();
      });
    });
  }

  /** On iPhones the whole screen belongs to the picture alone. */
  private leaveNativeFullscreen(): void {
    const video = this.video as HTMLVideoElement & { webkitExitFullscreen?: () => void };
    video.webkitExitFullscreen?.();
  }
}
