/** Small notes that the browser may keep. Frames with an opaque origin have no storage: then none. */

const PREFIX = "khlang:";

/** Returns what was kept under `name`, or null. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // storage is forbidden here
  }
}

/** Returns everything that was kept under names with this beginning. */
export function recallAll(beginning: string): string[] {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX + beginning));
    return names.map((name) => localStorage.getItem(name) ?? "").filter(Boolean);
  } catch {
    return [];
  }
}

/** Keeps `value`, or forgets it when null. Where storage is forbidden or full, nothing happens. */
export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // The choice then holds for this page only.
  }
}
