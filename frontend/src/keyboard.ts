import { make } from "./dom";
import { Panel } from "./panel";
import type { PlayerWords } from "./words";

/** What keys do in the player. */
export interface KeyActions {
  togglePlay(): void;
  seekBy(seconds: number): void;
  seekToShare(share: number): void;
  toggleMute(): void;
  changeVolume(percent: number): void;
  changeSpeed(step: number): void;
  toggleFullscreen(): void;
  toggleCaptions(): void;
  showKeys(): void;
}

function actionOf(key: string, actions: KeyActions): (() => void) | undefined {
  const table: Record<string, () => void> = {
    k: () => actions.togglePlay(),
    " ": () => actions.togglePlay(),
    j: () => actions.seekBy(-10),
    l: () => actions.seekBy(10),
    arrowleft: () => actions.seekBy(-5),
    arrowright: () => actions.seekBy(5),
    pageup: () => actions.seekBy(60),
    pagedown: () => actions.seekBy(-60),
    arrowup: () => actions.changeVolume(5),
    arrowdown: () => actions.changeVolume(-5),
    home: () => actions.seekToShare(0),
    end: () => actions.seekToShare(1),
    m: () => actions.toggleMute(),
    f: () => actions.toggleFullscreen(),
    c: () => actions.toggleCaptions(),
    "<": () => actions.changeSpeed(-1),
    ">": () => actions.changeSpeed(1),
    "?": () => actions.showKeys(),
    escape: () => Panel.closeAny(),
  };
  if (/^[0-9]$/.test(key)) return () => actions.seekToShare(Number(key) / 10);
  return table[key];
}

/** Lets keys work anywhere inside `root`; a focused button keeps Space and Enter for itself. */
export function listenToKeys(root: HTMLElement, actions: KeyActions): void {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target instanceof HTMLButtonElement) return;
    const action = actionOf(event.key.toLowerCase(), actions);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Returns the list of keys for people. */
export function keyList(words: PlayerWords): Node[] {
  const rows: [string, string][] = [
    ["K", words.key_play],
    ["J · L", words.key_ten_seconds],
    ["← · →", words.key_five_seconds],
    ["Page Up · Page Down", words.key_minute],
    ["0 – 9", words.key_tenths],
    ["↑ · ↓", words.volume],
    ["M", words.mute],
    ["C", words.captions],
    ["F", words.fullscreen],
    ["< · >", words.speed],
    ["?", words.keys],
  ];
  const list = make("dl", "player__keys", {});
  for (const [key, meaning] of rows) {
    list.append(make("dt", "", {}, make("kbd", "", {}, key)), make("dd", "", {}, meaning));
  }
  return [make("p", "player__legend", {}, words.keys), list];
}
