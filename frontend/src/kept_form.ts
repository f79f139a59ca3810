import { button, make } from "./dom";
import { recall, remember } from "./memory";

const KEEP_MS = 500;
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** The words of a form whose text is kept. */
export interface KeptWords {
  kept: string;
  found: string;
  take: string;
  drop: string;
}

/**
 * Keeps what is typed into a form on this device until it is saved: a session may end meanwhile, a
 * phone be put away. What was kept and is not what the page shows is offered.
 */
export class KeptForm {
  private timer = 0;
  private readonly status = make("p", "hint", { role: "status" });

  constructor(
    private readonly form: HTMLFormElement,
    private readonly name: string,
    private readonly words: KeptWords,
  ) {
    form.append(this.status);
    form.addEventListener("input", () => this.later());
    window.addEventListener("pagehide", () => this.timer && this.keep());
    this.offer();
  }

  private fields(): Field[] {
    const typed = "input:not([type=hidden]), textarea, select";
    return [...this.form.querySelectorAll<Field>(typed)].filter((field) => field.name);
  }

  private values(): Record<string, string | boolean> {
    return Object.fromEntries(
      this.fields().map((field) => [field.name, isBox(field) ? field.checked : field.value]),
    );
  }

  private later(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.keep(), KEEP_MS);
  }

  private keep(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    remember(this.name, JSON.stringify(this.values()));
    if (recall(this.name)) this.status.textContent = this.words.kept;
  }

  private offer(): void {
    const kept = recall(this.name);
    if (!kept) return;
    if (kept === JSON.stringify(this.values())) {
      remember(this.name, null);
      return;
    }
    const { found, take, drop } = this.words;
    const notice = make("div", "notice notice-warning notice-act", { role: "status" }, make("p", "", {}, found));
    const end = (act: () => void) => {
      act();
      notice.remove();
    };
    notice.append(
      button("button", take, () => end(() => this.fill(kept))),
      button("button button-quiet", drop, () => end(() => remember(this.name, null))),
    );
    this.form.prepend(notice);
  }

  private fill(kept: string): void {
    const values = JSON.parse(kept) as Record<string, string | boolean>;
    for (const field of this.fields()) {
      const value = values[field.name];
      if (isBox(field)) field.checked = value === true;
      else if (typeof value === "string") field.value = value;
    }
  }
}

function isBox(field: Field): field is HTMLInputElement {
  return field instanceof HTMLInputElement && field.type === "checkbox";
}
