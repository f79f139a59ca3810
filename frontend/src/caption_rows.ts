import type { EditorConfig } from "./caption_config";
import { type CaptionModel, type EditedCue, faultsOf, tooFast } from "./caption_model";
import { cueClock, readClock } from "./cue_clock";
import { button, make } from "./dom";
import { fill } from "./words";

const PAGE = 60; // more rows at once make a phone slow

/** What the rows ask the editor to do. */
export interface RowActs {
  play(at: number): void;
  positionMs(): number | null;
  onChoose(at: number): void;
}

/** The list of captions: a page of rows, the chosen one with its buttons. */
export class CaptionRows {
  readonly element = make("div", "cues");
  chosen = 0;
  private readonly list = make("div", "cues__list");
  private readonly pager = make("nav", "cues__pager");
  /** What the server said of captions, until they are changed. */
  private told = new Map<EditedCue, string>();

  constructor(
    private readonly model: CaptionModel,
    private readonly config: EditorConfig,
    private readonly acts: RowActs,
  ) {
    this.element.append(this.list, this.pager);
  }

  /** Notes what the server found; it stays at a caption until that is changed. */
  tell(faults: EditorConfig["faults"]): void {
    this.told = new Map();
    for (const { cue, text } of faults) {
      const edited = cue === null ? undefined : this.model.cues[cue];
      if (edited) this.told.set(edited, text);
    }
  }

  /** The captions that have to be corrected. */
  faulty(): number[] {
    return this.model.cues.flatMap((cue, at) => (this.faultText(cue) ? [at] : []));
  }

  /** Shows the page of the chosen caption. */
  draw(): void {
    const { cues } = this.model;
    this.chosen = Math.max(0, Math.min(this.chosen, cues.length - 1));
    const first = Math.floor(this.chosen / PAGE) * PAGE;
    const rows = cues.slice(first, first + PAGE).map((cue, number) => this.row(cue, first + number));
    this.list.replaceChildren(...rows);
    if (!cues.length) this.list.append(make("p", "hint", {}, this.word("none")));
    this.drawPager(first, cues.length);
  }

  /** Chooses a caption and, if asked, puts the cursor into its words. */
  choose(at: number, isFocused: boolean): void {
    const before = Math.floor(this.chosen / PAGE);
    this.chosen = at;
    if (Math.floor(at / PAGE) !== before) this.draw();
    for (const row of this.list.querySelectorAll<HTMLElement>(".cue")) {
      row.classList.toggle("is-chosen", row.dataset.at === String(at));
    }
    const row = this.list.querySelector<HTMLElement>(`[data-at="${at}"]`);
    if (isFocused) row?.querySelector("textarea")?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
    this.acts.onChoose(at);
  }

  private word(name: string): string {
    return this.config.words[name] ?? name;
  }

  private faultText(cue: EditedCue): string {
    const own = faultsOf(cue, this.config.durationMs)[0];
    return this.told.get(cue) ?? (own ? this.word(own) : "");
  }

  private row(cue: EditedCue, at: number): HTMLElement {
    const label = fill(this.word("cue"), { number: at + 1 });
    const fault = this.faultText(cue);
    const row = make("div", "cue", { "data-at": String(at), id: `cue-${at}`, role: "group", "aria-label": label });
    row.classList.toggle("is-faulty", fault !== "");
    row.classList.toggle("is-chosen", at === this.chosen);
    const play = button("cue__play", "▶", () => this.acts.play(at));
    play.setAttribute("aria-label", this.word("play"));
    const times = make(
      "div", "cue__times", {},
      make("span", "cue__number", { "aria-hidden": "true" }, String(at + 1)), play,
      this.timeField(cue, at, "startMs", "start"), make("span", "", { "aria-hidden": "true" }, "–"),
      this.timeField(cue, at, "endMs", "end"),
    );
    row.append(times, this.wordsField(cue, at));
    if (fault) row.append(make("p", "fault cue__fault", {}, fault));
    else row.append(...this.warnings(cue, at));
    row.append(this.buttons(at));
    row.addEventListener("focusin", () => {
      if (this.chosen !== at) this.choose(at, false);
    });
    return row;
  }

  private warnings(cue: EditedCue, at: number): Node[] {
    const next = this.model.cues[at + 1];
    const isTogether = next && (next.startMs ?? Infinity) < (cue.endMs ?? 0);
    const rate = tooFast(cue);
    const texts = [isTogether ? this.word("overlap") : "", rate ? fill(this.word("too_fast"), { rate }) : ""];
    return texts.filter(Boolean).map((text) => make("p", "hint cue__hint", {}, text));
  }

  private timeField(cue: EditedCue, at: number, name: "startMs" | "endMs", word: string): HTMLElement {
    const field = make("input", "cue__time", {
      value: cueClock(cue[name]), inputmode: "text", maxlength: "12", autocomplete: "off",
      "aria-label": this.word(word), placeholder: this.word(word),
    });
    field.addEventListener("change", () => {
      const typed = readClock(field.value);
      field.setCustomValidity(typed === null && field.value.trim() ? this.word("bad_time") : "");
      field.reportValidity();
      if (field.validity.valid) this.model.set(at, { [name]: typed });
    });
    return field;
  }

  private wordsField(cue: EditedCue, at: number): HTMLTextAreaElement {
    const rows = String(Math.max(2, cue.text.split("\n").length));
    const field = make("textarea", "cue__words", { rows, "aria-label": this.word("words"), lang: this.config.language });
    field.defaultValue = cue.text;
    field.addEventListener("change", () => this.model.set(at, { text: field.value.trim() }));
    return field;
  }

  private buttons(at: number): HTMLElement {
    const { model } = this;
    const position = () => this.acts.positionMs();
    const act = (word: string, onPress: () => void) => button("button button-quiet", this.word(word), onPress);
    const here = (name: "startMs" | "endMs") => () => {
      const ms = position();
      if (ms !== null) model.set(at, { [name]: ms });
    };
    return make(
      "div", "cue__acts", {},
      act("start_here", here("startMs")), act("end_here", here("endMs")),
      act("split", () => this.splitAtCursor(at)), act("merge", () => model.merge(at)),
      ...(at > 0 ? [act("merge_up", () => model.merge(at - 1))] : []),
      act("add", () => this.addAfter(at)), act("delete", () => model.remove(at)),
    );
  }

  /** Adds a caption after one and puts the cursor into it. */
  addAfter(at: number): void {
    const { endMs, startMs } = this.model.cues[at] ?? { endMs: 0, startMs: 0 };
    const added = this.model.add(endMs ?? startMs ?? 0, this.config.durationMs);
    this.choose(added, true);
  }

  private splitAtCursor(at: number): void {
    const field = this.list.querySelector<HTMLTextAreaElement>(`[data-at="${at}"] textarea`);
    if (field) this.model.set(at, { text: field.value });
    this.model.split(at, field?.selectionStart ?? 0);
  }

  private drawPager(first: number, count: number): void {
    this.pager.hidden = count <= PAGE;
    const last = Math.min(count, first + PAGE);
    const go = (word: string, at: number, isThere: boolean) => {
      const made = button("button button-quiet", this.word(word), () => {
        this.chosen = at;
        this.draw();
        this.choose(at, true);
      });
      made.disabled = !isThere;
      return made;
    };
    this.pager.replaceChildren(
      go("earlier", first - PAGE, first > 0),
      make("span", "", {}, fill(this.word("shown"), { first: first + 1, last, count })),
      go("later", first + PAGE, last < count),
    );
  }
}
