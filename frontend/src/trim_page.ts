import "../styles/editor.css";
import "../styles/trim.css";
import { BesidePlayer } from "./beside_player";
import { clockTime } from "./clock_time";
import { cueClock, readClock } from "./cue_clock";
import { button, make, readConfig } from "./dom";
import type { PlayerConfig } from "./player_config";
import type { Range } from "./timeline";
import { TrimBar } from "./trim_bar";
import { fill } from "./words";

const BEFORE_CUT_S = 3;
const STEPS: [string, number, string][] = [
  ["−1", -1, "less_second"], ["−0.1", -0.1, "less_tenth"],
  ["+0.1", 0.1, "more_tenth"], ["+1", 1, "more_second"],
];

interface TrimConfig {
  durationS: number;
  mostCuts: number;
  words: Record<string, string>;
}

/** Writes seconds as 1:05.3. */
function written(seconds: number): string {
  return cueClock(Math.round(seconds * 1000)).replace(/00$/, "");
}

/** Makes the form of times a bar with handles, with buttons that take times from the player. */
class TrimPage {
  private readonly player = new BesidePlayer();
  private readonly bar: TrimBar;
  private readonly list: HTMLOListElement;
  private readonly model: HTMLLIElement;
  private readonly left = make("p", "", { role: "status" });
  private readonly undo: HTMLButtonElement;
  private readonly cutButton: HTMLButtonElement;
  private readonly past: string[][] = [];
  private cutFromS: number | null = null;
  private isListening = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly config: TrimConfig,
  ) {
    const { words, durationS } = config;
    this.list = form.querySelector("ol") as HTMLOListElement;
    this.model = this.list.lastElementChild as HTMLLIElement;
    this.model.remove();
    const labels = { first: words.first_handle ?? "", last: words.last_handle ?? "" };
    this.bar = new TrimBar(durationS, labels, (startS, endS, atS) => this.drag(startS, endS, atS));
    this.undo = this.button("undo", () => this.takeBack());
    this.cutButton = this.button("cut_from", () => this.cutHere());
    const acts = make(
      "div", "actions", {},
      this.button("start_here", () => this.take("start")),
      this.button("end_here", () => this.take("end")),
      this.cutButton,
      this.button("back_to_start", () => this.listen(this.value("start"))),
      this.undo,
    );
    form.querySelector(".trim-ends")?.before(make("div", "trim", {}, this.bar.element, acts, this.left));
    for (const row of form.querySelectorAll<HTMLElement>(".trim-time")) this.addSteps(row);
    for (const row of this.list.querySelectorAll<HTMLElement>("[data-cut]")) this.addActs(row);
    form.addEventListener("change", () => this.draw());
    this.draw();
    this.watch();
    const player = document.querySelector<HTMLElement>("div.player[data-player]");
    if (player) this.bar.drawStrip(readConfig<PlayerConfig>(player, "player")).catch(() => undefined);
  }

  private button(word: string, onPress: () => void): HTMLButtonElement {
    return button("button button-quiet", this.config.words[word] ?? word, onPress);
  }

  private input(name: string, row: ParentNode = this.form): HTMLInputElement {
    return row.querySelector(`[name=${name}]`) as HTMLInputElement;
  }

  private value(name: string, row?: ParentNode): number {
    const ms = readClock(this.input(name, row).value);
    return ms === null ? (name === "end" ? this.config.durationS : 0) : ms / 1000;
  }

  private get cuts(): Range[] {
    const rows = [...this.list.querySelectorAll("[data-cut]")];
    return rows.map((row) => [this.value("from", row), this.value("to", row)] as Range);
  }

  /** All times as they are written: start, end, then each cut's two. */
  private get texts(): string[] {
    const cuts = [...this.list.querySelectorAll<HTMLInputElement>("input")];
    return [this.input("start").value, this.input("end").value, ...cuts.map((each) => each.value)];
  }

  private remember(): void {
    this.past.push(this.texts);
  }

  private takeBack(): void {
    const texts = this.past.pop();
    if (!texts) return;
    [this.input("start").value, this.input("end").value] = [texts[0] ?? "", texts[1] ?? ""];
    this.list.replaceChildren();
    for (let at = 2; at < texts.length; at += 2) this.addRow(texts[at] ?? "", texts[at + 1] ?? "");
    this.draw();
  }

  private take(name: "start" | "end"): void {
    this.remember();
    this.input(name).value = written(this.player.positionS ?? 0);
    this.draw();
  }

  private drag(startS: number, endS: number, atS: number): void {
    this.input("start").value = written(startS);
    this.input("end").value = written(endS);
    const video = document.querySelector<HTMLVideoElement>(".player video");
    if (video) video.currentTime = atS;
    this.draw();
  }

  /** The first press says from where, the second until where; then the cut is played across. */
  private cutHere(): void {
    const { words, mostCuts } = this.config;
    const atS = this.player.positionS ?? 0;
    if (this.cutFromS === null) {
      this.cutFromS = atS;
      this.cutButton.textContent = `${written(atS)} ${words.cut_to ?? ""}`;
      return;
    }
    const [fromS, toS] = [Math.min(this.cutFromS, atS), Math.max(this.cutFromS, atS)];
    this.cutFromS = null;
    this.cutButton.textContent = words.cut_from ?? "";
    if (this.cuts.length >= mostCuts) {
      this.left.textContent = words.too_many ?? "";
      return;
    }
    if (toS - fromS < 0.1) return;
    this.remember();
    this.addRow(written(fromS), written(toS));
    this.draw();
  }

  private addRow(from: string, to: string): void {
    const row = this.model.cloneNode(true) as HTMLLIElement;
    [this.input("from", row).value, this.input("to", row).value] = [from, to];
    for (const time of row.querySelectorAll<HTMLElement>(".trim-time")) this.addSteps(time);
    this.addActs(row);
    this.list.append(row);
  }

  private addSteps(time: HTMLElement): void {
    const input = time.querySelector("input");
    if (!input) return;
    const steps = STEPS.map(([text, byS, word]) => {
      const step = button("button button-quiet", text, () => {
        this.remember();
        const seconds = (readClock(input.value) ?? 0) / 1000 + byS;
        input.value = written(Math.min(Math.max(seconds, 0), this.config.durationS));
        this.draw();
      });
      step.setAttribute("aria-label", `${time.querySelector("span")?.textContent ?? ""}: ${this.config.words[word] ?? ""}`);
      return step;
    });
    time.after(make("div", "trim-steps", { role: "group" }, ...steps));
  }

  private addActs(row: HTMLElement): void {
    const across = this.button("listen", () => this.listen(this.value("from", row) - BEFORE_CUT_S));
    const remove = this.button("remove", () => {
      this.remember();
      row.remove();
      this.draw();
    });
    row.append(make("div", "actions", {}, across, remove));
  }

  private listen(fromS: number): void {
    this.isListening = true;
    this.player.play(Math.max(fromS, this.value("start")));
  }

  /** Plays as students will see it, once it is asked for: what is left out is jumped over. */
  private watch(): void {
    const step = () => {
      const video = document.querySelector<HTMLVideoElement>(".player video");
      if (video) this.bar.showNow(video.currentTime);
      if (video && this.isListening && !video.paused && !video.seeking) this.jump(video);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  private jump(video: HTMLVideoElement): void {
    const { currentTime } = video;
    const inside = this.cuts.find(([from, to]) => currentTime >= from && currentTime < to - 0.05);
    if (inside) video.currentTime = inside[1];
    if (currentTime < this.value("end")) return;
    video.pause();
    this.isListening = false;
  }

  private draw(): void {
    const { words, durationS } = this.config;
    const [startS, endS] = [this.value("start"), this.value("end")];
    this.bar.show(startS, endS, this.cuts, written);
    const kept = this.cuts.reduce((sum, [from, to]) => sum - Math.max(0, to - from), endS - startS);
    const values = { shown: clockTime(kept), all: clockTime(durationS) };
    this.left.textContent = fill(words.left ?? "", values);
    this.undo.disabled = this.past.length === 0;
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-trim]")) {
  new TrimPage(form, readConfig<TrimConfig>(form, "trim"));
}
