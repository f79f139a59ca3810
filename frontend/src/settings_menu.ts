import { make } from "./dom";

/** One thing to choose. */
export interface Choice {
  value: string;
  label: string;
}

/** One group of the menu: exactly one of its choices holds. */
export interface ChoiceGroup {
  name: string;
  heading: string;
  choices: Choice[];
  chosen: string;
  onChoose(value: string): void;
}

let menuCount = 0;

function groupElement(group: ChoiceGroup, menuNumber: number): HTMLFieldSetElement {
  const legend = make("legend", "player__legend", {}, group.heading);
  const set = make("fieldset", "player__choices", {}, legend);
  for (const { value, label } of group.choices) {
    const radio = make("input", "", {
      type: "radio", name: `player-${menuNumber}-${group.name}`, value,
    });
    radio.checked = value === group.chosen;
    radio.addEventListener("change", () => group.onChoose(value));
    set.append(make("label", "player__choice", {}, radio, make("span", "", {}, label)));
  }
  return set;
}

/** A panel of radio groups: the browser brings keyboard and screen reader support with them. */
export class SettingsMenu {
  readonly element = make("div", "player__menu", { hidden: "", role: "group" });
  private readonly number = (menuCount += 1);

  constructor(
    private readonly opener: HTMLButtonElement,
    label: string,
    private readonly groups: () => ChoiceGroup[],
  ) {
    this.element.setAttribute("aria-label", label);
    opener.setAttribute("aria-expanded", "false");
    opener.addEventListener("click", () => this.toggle(!this.isOpen));
    this.element.addEventListener("keydown", (event) => {
      event.stopPropagation(); // arrows choose here, and do not seek
      if (event.key !== "Escape") return;
      this.toggle(false);
      opener.focus();
    });
  }

  /** Says whether the panel is open. */
  get isOpen(): boolean {
    return this.element.hidden === false;
  }

  toggle(open: boolean): void {
    this.element.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.element.replaceChildren(...this.groups().map((group) => groupElement(group, this.number)));
    this.element.querySelector<HTMLInputElement>("input:checked")?.focus();
  }
}
