import "./player.css";
import { button, readConfig } from "./dom";
import type { PlayerConfig } from "./player_config";

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
  // By then the person has nearly decided; a slow line gains the seconds until the press.
  root.addEventListener("pointerenter", () => void loadPlayer(), { once: true });
  pressed.addEventListener("focus", () => void loadPlayer(), { once: true });
  root.dataset.ready = "";
}

async function open(root: HTMLElement, config: PlayerConfig): Promise<void> {
  if (root.dataset.ready === "opening") return;
  root.dataset.ready = "opening";
  root.classList.add("is-waiting");
  try {
    const { LessonPlayer } = await loadPlayer();
    await new LessonPlayer(root, config).start();
  } catch (error) {
    root.dataset.ready = ""; // the script did not arrive: the button works again
    root.classList.remove("is-waiting");
    throw error;
  }
}
