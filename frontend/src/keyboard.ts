/** What keys do in the player. */
export interface KeyActions {
  togglePlay(): void;
  seekBy(seconds: number): void;
  seekToShare(share: number): void;
  toggleMute(): void;
  toggleFullscreen(): void;
  toggleCaptions(): void;
}

function actionOf(key: string, actions: KeyActions): (() => void) | undefined {
  const table: Record<string, () => void> = {
    k: () => actions.togglePlay(),
    " ": () => actions.togglePlay(),
    j: () => actions.seekBy(-10),
    l: () => actions.seekBy(10),
    arrowleft: () => actions.seekBy(-5),
    arrowright: () => actions.seekBy(5),
    home: () => actions.seekToShare(0),
    m: () => actions.toggleMute(),
    f: () => actions.toggleFullscreen(),
    c: () => actions.toggleCaptions(),
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
