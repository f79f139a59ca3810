import type { AssetState } from "./player_config";
import { megabytesPerMinute, pictures, type Quality, sound } from "./renditions";
import type { Choice, ChoiceGroup } from "./settings_menu";
import { fill, type PlayerWords } from "./words";

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

/** Returns the next faster (1) or slower (-1) speed, or the present one at the end. */
export function speedBeside(rate: number, step: number): number {
  return SPEEDS[SPEEDS.indexOf(rate) + step] ?? rate;
}

/** Returns the menu's group of qualities, each with what a minute of it weighs. */
export function qualityGroup(
  words: PlayerWords,
  state: AssetState,
  chosen: Quality,
  heightPx: number,
  onChoose: (quality: Quality) => void,
): ChoiceGroup {
  const tall = pictures(state);
  const whole = tall.filter((each) => each.is_whole);
  const mb = (each: (typeof tall)[number]) => megabytesPerMinute(state, each);
  const auto = heightPx ? fill(words.quality_auto_now, { height: heightPx }) : words.quality_auto;
  const choices: Choice[] = [{ value: "auto", label: auto }];
  for (const each of whole) {
    const label = fill(words.quality_choice, { height: each.height_px, mb: mb(each) });
    choices.push({ value: each.name, label });
  }
  const lowest = tall.at(-1);
  if (lowest) {
    choices.push({ value: "saver", label: fill(words.data_saver, { mb: mb(lowest) }) });
  }
  const spoken = sound(state);
  if (spoken && lowest) {
    choices.push({ value: "sound", label: fill(words.sound_only, { mb: mb(spoken) }) });
  }
  return { name: "quality", heading: words.quality, choices, chosen, onChoose };
}

/** Returns the menu's group of speeds. */
export function speedGroup(words: PlayerWords, video: HTMLVideoElement): ChoiceGroup {
  const choices = SPEEDS.map((rate) => ({
    value: String(rate),
    label: rate === 1 ? words.speed_normal : fill(words.speed_choice, { rate }),
  }));
  return {
    name: "speed", heading: words.speed, choices, chosen: String(video.playbackRate),
    onChoose: (rate) => void (video.playbackRate = Number(rate)),
  };
}
