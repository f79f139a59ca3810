import "./player.css";
import "./captions.css";
import { playsAv1 } from "./av1";
import { button, readConfig } from "./dom";
import { fetchFirst } from "./first_bytes";
import { openPlayback, type Playback } from "./playback";
import type { PlayerConfig } from "./player_config";
import type { Opening } from "./playing";
import { chosenQuality } from "./renditions";
import { ResumePoint } from "./resume_point";

/** The page works without the player's larger half; it comes at the first press. */
const loadPlayer = () => import("./lesson_player");

/** A page may stand open for long before the press; rights are then asked about anew. */
const EARLY_FOR_MS = 10 * 60_000;

/** Makes every `div.player` playable: its poster and button stay until they are pressed. */
export function mountPlayers(within: ParentNode = document): void {
  for (const root of within.querySelectorAll<HTMLElement>("div.player[data-player]")) mount(root);
}

function mount(root: HTMLElement): void {
  const config = readConfig<PlayerConfig>(root, "player");
  const ask = askedEarly(root, config);
  const start = () => void open(root, config, ask);
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

/**
 * Asks for the address of the page's own player when the page is there: a press then waits for
 * bytes alone, a round trip less. Frames ask when it is pressed: their ticket is good for one time.
 */
function askedEarly(root: HTMLElement, config: PlayerConfig): () => Promise<Playback> {
  if (config.ticket || !root.closest(".lesson-stage")) return () => openPlayback(config);
  const askedMs = performance.now();
  let early: Promise<Playback> | undefined = openPlayback(config);
  early.catch(() => (early = undefined)); // the press asks again, and tells what went wrong
  return () => {
    const isFresh = performance.now() - askedMs < EARLY_FOR_MS;
    const playback = early && isFresh ? early : openPlayback(config);
    early = undefined;
    return playback;
  };
}

/** Asks for the address and the first bytes; they come while the script is still on its way. */
async function begin(config: PlayerConfig, ask: () => Promise<Playback>): Promise<Opening> {
  const playback = await ask();
  const known = fetchFirst(playback, chosenQuality(), new ResumePoint(config).startS);
  return { playback, known };
}

async function open(
  root: HTMLElement,
  config: PlayerConfig,
  ask: () => Promise<Playback>,
): Promise<void> {
  if (root.dataset.ready === "opening") return;
  root.dataset.ready = "opening";
  root.classList.add("is-waiting");
  const opening = begin(config, ask);
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
