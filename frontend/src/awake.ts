let lock: WakeLockSentinel | null = null;
let isWanted = false;

/** Keeps the screen on, where the browser can, or lets it sleep again. */
export async function keepAwake(wanted: boolean): Promise<void> {
  isWanted = wanted;
  try {
    if (wanted && (!lock || lock.released)) lock = await navigator.wakeLock?.request("screen");
    else if (!wanted) await lock?.release();
  } catch {
    // Low battery, or a browser that does not: sending goes on when the screen is on again.
  }
}

// Browsers drop the lock when the page is hidden.
document.addEventListener("visibilitychange", () => {
  if (isWanted && document.visibilityState === "visible") void keepAwake(true);
});
