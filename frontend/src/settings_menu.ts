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

let groupCount = 0;

/** Makes radio buttons: the browser brings keyboard and screen reader support with them. */
export function groupElement(group: ChoiceGroup): HTMLFieldSetElement {
  const legend = make("legend", "player__legend", {}, group.heading);
  const set = make("fieldset", "player__choices", {}, legend);
  const name = `player-${(groupCount += 1)}-${group.name}`;
  for (const { value, label } of group.choices) {
    const radio = make("input", "", { type: "radio", name, value });
    radio.checked = value === group.chosen;
    radio.addEventListener("change", () => group.onChoose(value));
    set.append(make("label", "player__choice", {}, radio, make("span", "", {}, label)));
  }
  return set;
}
