/**
 * What a sandbox takes away and packages use without asking: they would stop at the first error.
 *
 * The stand-ins keep things for as long as the page lives, and nothing of them leaves it.
 */

class MemoryStorage implements Storage {
  [name: string]: unknown;
  readonly #values = new Map<string, string>();

  get length(): number {
    return this.#values.size;
  }

  clear(): void {
    this.#values.clear();
  }

  getItem(key: string): string | null {
    return this.#values.get(String(key)) ?? null;
  }

  key(index: number): string | null {
    return [...this.#values.keys()][index] ?? null;
  }

  removeItem(key: string): void {
    this.#values.delete(String(key));
  }

  setItem(key: string, value: string): void {
    this.#values.set(String(key), String(value));
  }
}

function standIn(owner: object, name: string, descriptor: PropertyDescriptor): void {
  Object.defineProperty(owner, name, { configurable: true, enumerable: true, ...descriptor });
}

/** Puts stand-ins in the place of storage and cookies. */
export function addStandIns(): void {
  for (const name of ["localStorage", "sessionStorage"]) {
    standIn(window, name, { value: new MemoryStorage() });
  }
  const cookies = new Map<string, string>();
  standIn(document, "cookie", {
    get: () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    set: (text: string) => {
      const [pair = ""] = String(text).split(";");
      const [name = "", ...value] = pair.split("=");
      cookies.set(name.trim(), value.join("=").trim());
    },
  });
}

/** Lets pages that look at the page around them find `above` there. It is theirs alone. */
export function showAbove(above: object): void {
  standIn(window, "parent", { value: above, writable: true });
}
