import "../styles/editor.css";
import { BesidePlayer } from "./beside_player";
import { clockTime } from "./clock_time";
import { button, make, readConfig } from "./dom";

type Words = Record<string, string>;

/** Makes the list of chapters quicker to fill: play from a line, take the time from the video. */
class ChapterEditor {
  private readonly player = new BesidePlayer();
  private readonly list: HTMLOListElement | null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly words: Words,
  ) {
    this.list = form.querySelector("ol");
    for (const row of form.querySelectorAll<HTMLLIElement>(".chapter-row")) this.equip(row);
    const add = button("button button-quiet", words.add ?? "", () => this.add());
    form.querySelector(".actions")?.append(add);
    if (form.querySelector(".is-proposal")) {
      const take = button("button button-quiet", words.take_all ?? "", () => this.takeAll());
      form.prepend(take);
    }
  }

  private equip(row: HTMLLIElement): void {
    const { words, player } = this;
    const time = row.querySelector<HTMLInputElement>("[name=time]");
    if (!time) return;
    const play = button("button button-quiet", "▶", () => player.play(secondsOf(time.value)));
    play.setAttribute("aria-label", words.play ?? "");
    const here = button("button button-quiet", words.here ?? "", () => {
      if (player.positionS !== null) time.value = clockTime(player.positionS);
    });
    row.append(make("div", "chapter-acts", {}, play, here));
  }

  private add(): void {
    const rows = this.form.querySelectorAll<HTMLLIElement>(".chapter-row");
    const model = rows[rows.length - 1];
    if (!model || !this.list) return;
    const row = model.cloneNode(true) as HTMLLIElement;
    row.querySelector(".chapter-acts")?.remove();
    row.classList.remove("is-proposal");
    const use = row.querySelector<HTMLInputElement>("[name=use]");
    if (use) [use.value, use.checked] = [String(rows.length), true];
    const [time, title] = [row.querySelector<HTMLInputElement>("[name=time]"), row.querySelector<HTMLInputElement>("[name=title]")];
    if (time) time.value = clockTime(this.player.positionS ?? 0);
    if (title) title.value = "";
    this.equip(row);
    this.list.append(row);
    title?.focus();
  }

  private takeAll(): void {
    for (const box of this.form.querySelectorAll<HTMLInputElement>(".is-proposal [name=use]")) box.checked = true;
  }
}

function secondsOf(clock: string): number {
  return clock.replace(",", ".").split(":").reduce((sum, piece) => sum * 60 + (Number(piece) || 0), 0);
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-chapters]")) {
  new ChapterEditor(form, readConfig<Words>(form, "chapters"));
}
