import { readConfig } from "./dom";
import { recall, remember } from "./memory";
import { draftName, type Fate, keep, type Outgoing, send, SETTLED, waitingFor } from "./quiz_outbox";
import { fill } from "./words";

/** Words in the `words` of `data-quiz`; their English stands in server/web/quiz_words.py. */
export interface QuizWords {
  sending: string;
  kept: string;
  marking: string;
  refused: string;
  no_tries: string;
  unanswered: string;
  asked: string;
  later: string;
  go_on: string;
}

/** What the page says in `data-quiz`. */
interface QuizConfig {
  personId: string;
  itemId: string;
  freshUrl: string;
  words: QuizWords;
}

type Answers = Record<string, string[]>;

const NAME = "q-";
const RETRY_MS = 30_000;

/** Told on the quiz's section when answers were kept or have arrived: one may go on. */
export const ANSWERED = "quiz-answered";

/** Makes the quizzes in a part of the page work; `givenMs` is when their questions came. */
export function mountQuizzes(within: ParentNode, givenMs: number): void {
  for (const section of within.querySelectorAll<HTMLElement>("[data-quiz]:not([data-mounted])")) {
    new QuizForm(section, givenMs).mount();
  }
}

/** Returns an id for a try, also where the page has no secure connection. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** One quiz: what is typed stays on the device, what is sent arrives once. */
class QuizForm {
  private readonly config: QuizConfig;
  private isFresh = true;

  constructor(
    private section: HTMLElement,
    private givenMs: number,
  ) {
    this.config = readConfig<QuizConfig>(section, "quiz");
  }

  mount(): void {
    document.addEventListener(SETTLED, (event) => {
      const { outgoing, fate } = (event as CustomEvent<{ outgoing: Outgoing; fate: Fate }>).detail;
      if (this.isMine(outgoing) && this.section.isConnected) void this.onSettled(fate);
    });
    window.addEventListener("online", () => !this.isFresh && void this.refresh());
    this.prepare();
  }

  private get draft(): string {
    return draftName(this.config.personId, this.config.itemId);
  }

  private get form(): HTMLFormElement | null {
    return this.section.querySelector<HTMLFormElement>("[data-quiz-form]");
  }

  private isMine({ personId, itemId }: Outgoing): boolean {
    return personId === this.config.personId && itemId === this.config.itemId;
  }

  private prepare(): void {
    const { form } = this;
    this.section.dataset.mounted = ""; // one that is put away and shown again stays in its hands
    const again = this.section.querySelector<HTMLAnchorElement>("[data-quiz-again]");
    again?.addEventListener("click", (event) => {
      event.preventDefault();
      void this.refresh(again.href);
    });
    if (!form) return;
    this.restore(form);
    form.addEventListener("input", () => remember(this.draft, JSON.stringify(this.read(form))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(form);
    });
    const waiting = waitingFor(this.config.personId, this.config.itemId);
    if (waiting) void this.deliver(waiting);
  }

  private read(form: HTMLFormElement): Answers {
    const answers: Answers = {};
    for (const [name, value] of new FormData(form)) {
      if (!name.startsWith(NAME) || typeof value !== "string" || !value.trim()) continue;
      (answers[name.slice(NAME.length)] ??= []).push(value);
    }
    return answers;
  }

  private restore(form: HTMLFormElement): void {
    const kept = JSON.parse(recall(this.draft) ?? "{}") as Answers;
    for (const field of form.querySelectorAll<HTMLInputElement>(`input[name^="${NAME}"]`)) {
      const parts = kept[field.name.slice(NAME.length)] ?? [];
      if (field.type === "text") field.value ||= parts[0] ?? "";
      else field.checked ||= parts.includes(field.value);
    }
  }

  private submit(form: HTMLFormElement): void {
    const answers = this.read(form);
    const questions = form.querySelectorAll(".quiz-question").length;
    const count = questions - Object.keys(answers).length;
    if (count && !window.confirm(fill(this.config.words.unanswered, { count }))) return;
    const outgoing: Outgoing = {
      id: newId(),
      itemId: this.config.itemId,
      personId: this.config.personId,
      quizPass: String(new FormData(form).get("quiz_pass")),
      answers,
      elapsedS: Math.max(0, performance.now() - this.givenMs) / 1000,
      deviceAt: new Date().toISOString(),
    };
    keep(outgoing);
    remember(this.draft, null);
    void this.deliver(outgoing);
  }

  private async deliver(outgoing: Outgoing): Promise<void> {
    const { words } = this.config;
    if (this.form) this.form.hidden = true;
    this.say(words.sending);
    if ((await send(outgoing)) !== "waiting") return; // onSettled goes on
    this.say(words.kept);
    this.section.dispatchEvent(new CustomEvent(ANSWERED, { bubbles: true }));
    window.setTimeout(() => {
      const left = waitingFor(outgoing.personId, outgoing.itemId);
      if (left && this.section.isConnected) void this.deliver(left);
    }, RETRY_MS);
  }

  private async onSettled(fate: Fate): Promise<void> {
    const { words } = this.config;
    if (fate === "arrived") return this.refresh();
    await this.refresh();
    this.say(fate === "no_tries" ? words.no_tries : words.refused);
  }

  /** Shows what the server says of the quiz now. */
  private async refresh(url = this.config.freshUrl): Promise<void> {
    this.isFresh = false;
    const fresh = await this.fetched(url);
    if (!fresh) {
      this.say(this.config.words.marking);
      this.section.dispatchEvent(new CustomEvent(ANSWERED, { bubbles: true }));
      return;
    }
    this.isFresh = true;
    this.givenMs = performance.now();
    this.section.replaceWith(fresh);
    this.section = fresh;
    this.prepare();
    const place = fresh.querySelector<HTMLElement>("[data-quiz-result], input[name^='q-']");
    place?.focus();
    fresh.dispatchEvent(new CustomEvent(ANSWERED, { bubbles: true }));
  }

  private async fetched(url: string): Promise<HTMLElement | null> {
    try {
      const answer = await fetch(url, { cache: "no-store" });
      if (!answer.ok) return null;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById(this.section.id);
      return found && document.importNode(found, true);
    } catch {
      return null; // no connection
    }
  }

  private say(text: string): void {
    const status = this.section.querySelector<HTMLElement>("[data-quiz-status]");
    if (!status) return;
    status.hidden = false;
    status.textContent = text;
  }
}
