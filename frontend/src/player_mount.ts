import "./player.css";
import "./captions.css";
import { playsAv1 } from "./av1";
import { button, readConfig } from "./dom";
import { fetchFirst } from "./first_bytes";
import { openPlayback } from "./playback";
import type { PlayerConfig } from "./player_config";
import type { Opening } from "./playing";
import { chosenQuality } from "./renditions";
import { ResumePoint } from "./resume_point";

/** The page works without the player's larger half; it comes at the first press. */
const loadPlayer = () => import("./lesson_player");

/** Makes every `div.player` playable: its poster and button stay until they are pressed. */
export function mountPlayers(): void {
  for (const root of document.querySelectorAll<HTMLElement>("div.player[data-player]")) mount(root);
}

function mount(root: HTMLElement): void {
  const config = readConfig<PlayerConfig>(root, "player");
  const start = () => void open(root, config);
  const found = root.querySelector<HTMLButtonElement>("button");
  const pressed = found ?? button("player__start", config.words.play, start);
  pressed.classList.add("player__start");
  pressed.disabled = false;
  pressed.hidden = false;
  if (found) found.addEventListener("click", start);
  else root.append(pressed);
  void playsAv1(); // asked early: some devices take a moment to know
  // By then the person has nearly decided; a slow line gains the seconds until the press.
  root.addEventListener("pointerenter", () => void loadPlayer(), { once: true });
  pressed.addEventListener("focus", () => void loadPlayer(), { once: true });
  root.dataset.ready = "";
}

/** Asks for the address and the first bytes; they come while the script is still on its way. */
async function begin(config: PlayerConfig): Promise<Opening> {
  const playback = await openPlayback(config);
  const known = fetchFirst(playback, chosenQuality(), new ResumePoint(config).startS);
  return { playback, known };
}

async function open(root: HTMLElement, config: PlayerConfig): Promise<void> {
  if (root.dataset.ready === "opening") return;
  root.dataset.ready = "opening";
  root.classList.add("is-waiting");
  const opening = begin(config);
  opening.catch(() => undefined); // the player tells what went wrong
  try {
    const { LessonPlayer } = await loadPlayer();
    await new LessonPlayer(root, config).start(opening);
  } catch (error) {
    root.dataset.ready = ""; // the script did not arrive: the button works again
    root.classList.remove("is-waiting");
    throw error;
  }
}
