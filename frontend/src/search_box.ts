import { make, readConfig } from "./dom";
import { type SuggestionWords, fill } from "./words";

const PAUSE_MS = 180;
const PAUSE_ON_POOR_LINE_MS = 600;
const SHORTEST = 2;
const MOST_KEPT = 60;

interface Suggestion {
  text: string;
  lesson_id: string | null;
  course_id: string | null;
  url: string;
}

/** Gives every search box (`data-suggest`: where to ask) its suggestions; without, it is a form. */
export function offerSuggestions(): void {
  for (const row of document.querySelectorAll<HTMLElement>("[data-suggest]")) {
    const input = row.querySelector<HTMLInputElement>("input[type=search]");
    if (input) new SearchBox(row, input);
  }
}

/** An editable combobox with a list (ARIA APG): the text stays the person's own until they choose. */
class SearchBox {
  private readonly words: SuggestionWords;
  private readonly list: HTMLUListElement;
  private readonly said: HTMLElement;
  private readonly known = new Map<string, Suggestion[]>();
  private shown: Suggestion[] = [];
  private at = -1;
  private timer = 0;
  private asking?: AbortController;

  constructor(
    private readonly row: HTMLElement,
    private readonly input: HTMLInputElement,
  ) {
    this.words = readConfig<SuggestionWords>(row, "words");
    const id = `${input.id}-suggestions`;
    const attributes = { id, role: "listbox", "aria-label": this.words.suggestions };
    this.list = make("ul", "suggestions", attributes);
    this.list.hidden = true;
    this.said = make("p", "visually-hidden", { "aria-live": "polite" });
    row.append(this.list, this.said);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", id);
    this.listen();
  }

  private listen(): void {
    const { input, list, row } = this;
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    row.addEventListener("focusout", (event) => {
      if (!row.contains(event.relatedTarget as Node | null)) this.close();
    });
    // Pressing must not take the focus from the box, or the list would close before the click.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.take(Number(option.dataset.at));
    });
    // The page may be shown again by the back button, as it was left.
    window.addEventListener("pageshow", () => this.close());
  }

  private typed(): void {
    window.clearTimeout(this.timer);
    this.asking?.abort();
    const text = this.input.value.trim();
    if (text.length < SHORTEST) return this.close();
    const known = this.known.get(text);
    if (known) return this.show(known);
    this.timer = window.setTimeout(() => void this.ask(text), pauseMs());
  }

  private async ask(text: string): Promise<void> {
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const address = `${this.row.dataset.suggest}?q=${encodeURIComponent(text)}`;
      const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return this.close();
      const { suggestions } = (await answer.json()) as { suggestions: Suggestion[] };
      if (this.known.size >= MOST_KEPT) this.known.clear();
      this.known.set(text, suggestions);
      if (!signal.aborted && document.activeElement === this.input) this.show(suggestions);
    } catch {
      // No connection, or the next letter was typed: the box goes on without suggestions.
    }
  }

  private show(suggestions: Suggestion[]): void {
    this.shown = suggestions;
    this.at = -1;
    this.input.removeAttribute("aria-activedescendant");
    if (!suggestions.length) return this.close(this.words.none);
    this.list.replaceChildren(...suggestions.map((each, at) => this.option(each, at)));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.said.textContent = fill(this.words.some, { count: suggestions.length });
  }

  private option(suggestion: Suggestion, at: number): HTMLElement {
    const id = `${this.list.id}-${at}`;
    const attributes = { id, role: "option", "aria-selected": "false", "data-at": String(at) };
    const option = make("li", "suggestion", attributes, make("span", "", {}, suggestion.text));
    const { lesson, course } = this.words;
    const kind = suggestion.lesson_id ? lesson : suggestion.course_id ? course : "";
    if (kind) option.append(make("span", "suggestion-kind", {}, kind));
    return option;
  }

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const isOpen = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!isOpen && this.shown.length) this.show(this.shown);
      if (this.list.hidden) return;
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault(); // what was typed stays; a second time empties the box
      this.close();
    } else if (event.key === "Enter" && isOpen && this.at >= 0) {
      event.preventDefault();
      this.take(this.at);
    }
  }

  /** Goes through the list and back to the box itself, which stands before the first. */
  private move(step: number): void {
    const places = this.shown.length + 1;
    this.at = ((this.at + 1 + step + places) % places) - 1;
    for (const option of this.list.children) {
      option.setAttribute("aria-selected", String(Number((option as HTMLElement).dataset.at) === this.at));
    }
    const chosen = this.list.children[this.at];
    if (!chosen) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  private take(at: number): void {
    const suggestion = this.shown[at];
    if (!suggestion) return;
    this.close();
    if (suggestion.lesson_id) return location.assign(`/lessons/${suggestion.lesson_id}`);
    if (suggestion.course_id) return location.assign(`/courses/${suggestion.course_id}`);
    this.input.value = suggestion.text;
    this.input.form?.submit(); // with what is chosen already
  }

  private close(said = ""): void {
    window.clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.said.textContent = said;
  }
}

/** How long to wait for the next letter before asking. */
function pauseMs(): number {
  const line = (navigator as { connection?: { saveData?: boolean; effectiveType?: string } }).connection;
  const isPoor = line?.saveData || /2g/.test(line?.effectiveType ?? "");
  return isPoor ? PAUSE_ON_POOR_LINE_MS : PAUSE_MS;
}

/** Opens the ways to narrow where there is room beside the results. */
export function openFacets(): void {
  const narrow = document.querySelector<HTMLDetailsElement>("[data-narrow]");
  if (narrow) narrow.open = window.matchMedia("(min-width: 62rem)").matches;
}
