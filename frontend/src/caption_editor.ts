import "../styles/editor.css";
import { BesidePlayer } from "./beside_player";
import { type EditorConfig, hourOf, type SavedVersion } from "./caption_config";
import { CaptionKeeping } from "./caption_keeping";
import { CaptionModel, type CueRow, fromRows, mergeTexts, toRows } from "./caption_model";
import { CaptionRows } from "./caption_rows";
import { listenToEditorKeys } from "./caption_keys";
import { button, make, readConfig } from "./dom";
import { fill } from "./words";

/** The editor of one text track, beside the player. */
class CaptionEditor {
  private readonly player = new BesidePlayer();
  private readonly model: CaptionModel;
  private readonly rows: CaptionRows;
  private readonly keeping: CaptionKeeping;
  private readonly status = make("p", "editor__status", { role: "status" });
  private readonly notice = make("div", "notice notice-warning", { hidden: "", role: "alert" });
  private readonly faults = button("button button-quiet", "", () => this.goToFault());
  private readonly undo: HTMLButtonElement;
  private readonly save: HTMLButtonElement;
  /** The text from which this one was begun: what only one of two changed can be told by it. */
  private base: CueRow[];
  private isSaving = false;

  constructor(
    root: HTMLElement,
    private readonly config: EditorConfig,
  ) {
    this.base = config.asideId ? [] : config.cues;
    this.keeping = new CaptionKeeping(config, config.version);
    this.model = new CaptionModel(fromRows(config.cues), () => this.onChange());
    this.rows = new CaptionRows(this.model, config, {
      play: (at) => this.play(at),
      positionMs: () => this.positionMs(),
      onChoose: () => undefined,
    });
    this.undo = button("button button-quiet", this.word("undo"), () => this.takeBack());
    this.save = button("button", this.word("save"), () => void this.keep());
    root.replaceChildren(this.notice, this.toolbar(), this.rows.element, this.status);
    this.rows.tell(config.faults);
    this.takeDraft();
    this.draw();
    this.listen();
    this.openFault(config);
  }

  private word(name: string, values: Record<string, string | number> = {}): string {
    return fill(this.config.words[name] ?? name, values);
  }

  private toolbar(): HTMLElement {
    const add = button("button button-quiet", this.word("add_here"), () => this.addHere());
    const keys = make(
      "details", "more", {}, make("summary", "", {}, this.word("keys")),
      make("p", "hint", {}, this.word("keys_list")),
    );
    const acts = make("div", "actions", {}, this.save, this.undo, add, this.faults);
    return make("div", "editor__bar", {}, acts, this.shifter(), keys);
  }

  private shifter(): HTMLElement {
    const by = make("input", "cue__time", { value: "0.5", inputmode: "decimal", id: "shift-by" });
    const from = make("input", "", { type: "checkbox" });
    const move = button("button button-quiet", this.word("shift_do"), () => {
      const seconds = Number(by.value.replace(",", ".").replace("−", "-"));
      if (Number.isFinite(seconds)) this.model.shift(from.checked ? this.rows.chosen : 0, Math.round(seconds * 1000));
    });
    const label = make("label", "", { for: "shift-by" }, this.word("shift_by"));
    const check = make("label", "check", {}, from, this.word("shift_from"));
    const row = make("div", "actions", {}, label, by, check, move);
    return make("details", "more", {}, make("summary", "", {}, this.word("shift")), row);
  }

  private listen(): void {
    this.player.watch((positionS) => this.follow(positionS * 1000));
    this.keeping.watch((saved) => this.tellOfNewer(saved));
    listenToEditorKeys({
      save: () => void this.keep(),
      undo: () => this.takeBack(),
      togglePlay: () => this.player.toggle(),
      playChosen: () => this.play(this.rows.chosen),
      setHere: (name) => this.setHere(name),
      addAfter: () => (this.model.cues.length ? this.rows.addAfter(this.rows.chosen) : this.addHere()),
      step: (by) => this.step(by),
    });
    for (const link of document.querySelectorAll<HTMLElement>("a[data-cue]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.show(Number(link.dataset.cue));
      });
    }
  }

  private takeDraft(): void {
    const draft = this.keeping.findDraft();
    if (!draft || JSON.stringify(draft.cues) === JSON.stringify(this.config.cues)) return;
    this.base = draft.base;
    this.keeping.version = draft.version;
    this.model.cues = fromRows(draft.cues);
    const drop = button("button button-quiet", this.word("draft_drop"), () => {
      this.keeping.dropDraft();
      location.reload();
    });
    this.say(this.word("draft_found", { time: hourOf(draft.at) }), drop);
  }

  private onChange(): void {
    this.draw();
    const cues = () => toRows(this.model.cues);
    this.keeping.keepDraft(this.base, cues, (isKept) => {
      this.status.textContent = isKept
        ? this.word("draft_kept", { time: hourOf(null) })
        : this.word("draft_not_kept");
    });
  }

  private draw(): void {
    const focused = document.activeElement as HTMLElement | null;
    const at = focused?.closest<HTMLElement>(".cue")?.dataset.at;
    const selector = focused ? `[data-at="${at}"] ${focused.tagName}.${focused.classList[0]}` : "";
    const places = at ? [...document.querySelectorAll(selector)].indexOf(focused as Element) : -1;
    this.rows.draw();
    // The rows are new: the cursor stays where the person was going.
    if (places >= 0) (document.querySelectorAll<HTMLElement>(selector)[places] ?? null)?.focus({ preventScroll: true });
    this.undo.disabled = !this.model.canUndo;
    const left = this.rows.faulty().length;
    this.faults.textContent = left ? this.word("faults_left", { count: left }) : this.word("no_faults");
    this.faults.disabled = left === 0;
  }

  private say(text: string, ...more: Node[]): void {
    this.notice.replaceChildren(make("p", "", {}, text), ...more);
    this.notice.hidden = text === "";
  }

  private async keep(): Promise<void> {
    if (this.isSaving) return;
    (document.activeElement as HTMLElement | null)?.blur(); // what is being typed counts
    this.isSaving = true;
    this.status.textContent = this.word("saving");
    const outcome = await this.keeping.save(toRows(this.model.cues));
    this.isSaving = false;
    this.status.textContent = "";
    if (outcome.kind === "saved") this.onSaved(outcome.saved);
    else if (outcome.kind === "changed") this.tellOfNewer(outcome.saved);
    else if (outcome.kind === "faulty") this.onFaulty(outcome.saved);
    else this.say(this.word(outcome.kind));
  }

  private onSaved(saved: SavedVersion): void {
    this.keeping.dropDraft();
    // The text that was corrected is gone: its address would open nothing.
    if (this.config.asideId) return location.assign(this.config.editUrl);
    this.keeping.version = saved.version;
    this.base = saved.cues ?? [];
    this.model.cues = fromRows(this.base);
    this.rows.tell([]);
    this.draw();
    this.say("");
    this.status.textContent = this.word("saved", { time: hourOf(saved.at) });
    document.querySelector(".notice-warning[aria-labelledby=faults-title]")?.remove();
  }

  private onFaulty(saved: SavedVersion): void {
    this.rows.tell(saved.faults ?? []);
    this.draw();
    this.say(this.word("not_saved"));
    this.goToFault();
  }

  private tellOfNewer(saved: SavedVersion): void {
    const name = saved.by || this.word("changed_nobody");
    const merge = button("button", this.word("merge_texts"), () => void this.bringTogether());
    const mine = button("button button-quiet", this.word("mine_instead"), () => {
      this.keeping.version = saved.version;
      void this.keep();
    });
    this.say(
      this.word("changed", { name, time: hourOf(saved.at) }),
      make("div", "actions", {}, merge, mine),
    );
  }

  /** Asks for the newer text by trying to save: the answer brings it along. */
  private async bringTogether(): Promise<void> {
    const outcome = await this.keeping.save(toRows(this.model.cues));
    if (outcome.kind !== "changed") return outcome.kind === "saved" ? this.onSaved(outcome.saved) : undefined;
    const theirs = outcome.saved.cues ?? [];
    const together = mergeTexts(this.base, toRows(this.model.cues), theirs);
    this.base = theirs;
    this.keeping.version = outcome.saved.version;
    this.model.replace(fromRows(together));
    this.say(this.word("merged"));
  }

  private takeBack(): void {
    this.model.undo();
    this.status.textContent = this.word("done_undo");
  }

  private positionMs(): number | null {
    const { positionS } = this.player;
    return positionS === null ? null : Math.round(positionS * 1000);
  }

  private play(at: number): void {
    this.rows.choose(at, false);
    this.player.play((this.model.cues[at]?.startMs ?? 0) / 1000);
  }

  private setHere(name: "startMs" | "endMs"): void {
    const ms = this.positionMs();
    if (ms !== null) this.model.set(this.rows.chosen, { [name]: ms });
  }

  private addHere(): void {
    const added = this.model.add(this.positionMs() ?? 0, this.config.durationMs);
    this.rows.choose(added, true);
  }

  private step(by: number): void {
    const last = this.model.cues.length - 1;
    this.rows.choose(Math.max(0, Math.min(last, this.rows.chosen + by)), true);
  }

  private show(at: number): void {
    this.rows.chosen = at;
    this.rows.draw();
    this.rows.choose(at, true);
  }

  private goToFault(): void {
    const left = this.rows.faulty();
    const next = left.find((at) => at > this.rows.chosen) ?? left[0];
    if (next !== undefined) this.show(next);
  }

  private openFault({ faults }: EditorConfig): void {
    const first = faults.find(({ cue }) => cue !== null);
    if (first && first.cue !== null) {
      this.rows.chosen = first.cue;
      this.rows.draw();
    }
  }

  /** Marks the caption that plays, unless somebody is typing. */
  private follow(ms: number): void {
    if (document.activeElement?.closest(".cue")) return;
    const at = this.model.shownAt(ms);
    if (at >= 0 && at !== this.rows.chosen) this.rows.choose(at, false);
  }
}

for (const root of document.querySelectorAll<HTMLElement>("[data-editor]")) {
  new CaptionEditor(root, readConfig<EditorConfig>(root, "editor"));
}
