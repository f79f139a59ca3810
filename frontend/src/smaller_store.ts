/** Recordings that are made smaller, in the browser's private storage: a closed tab loses nothing. */

const FOLDER = "smaller";
const NOTE = "note.json";
const ORIGINAL = "original";
const SMALL = "small.mp4";
/** So long a tab that was closed may still have its lock. */
const CLOSING_MS = 3000;

/** What is to be done: make it smaller, or send the small file, or the full one after all. */
export type SmallerStep = "make" | "send_small" | "send_full";

/** What is known of one. */
export interface SmallerNote {
  step: SmallerStep;
  /** What the small file is called when it is sent. */
  name: string;
  originalName: string;
  originalType: string;
  /** By what the recording is known when it is chosen again. */
  fingerprint: string;
  /** A mark of the person, who alone may go on with it. */
  owner: string;
  /** Where the finished upload leads: the same page goes on with it. */
  lessonUrl: string;
  /** Where the server keeps what arrived, also when all has: then nothing is sent again. */
  uploadUrl: string;
}

/** Says whether the browser has such a storage. */
export function hasStorage(): boolean {
  return (
    typeof navigator.storage?.getDirectory === "function" &&
    typeof FileSystemFileHandle !== "undefined" &&
    "createWritable" in FileSystemFileHandle.prototype
  );
}

async function folder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** One recording and what is made of it. Held by one tab at a time. */
export class KeptRecording {
  private changing = Promise.resolve();

  private constructor(
    readonly id: string,
    private readonly home: FileSystemDirectoryHandle,
    public note: SmallerNote,
    private readonly release: () => void,
  ) {}

  /** Begins one. Throws QuotaExceededError. */
  static async begin(note: SmallerNote): Promise<KeptRecording> {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    const home = await (await folder()).getDirectoryHandle(id, { create: true });
    const release = await hold(id);
    const kept = new KeptRecording(id, home, note, release ?? (() => undefined));
    await kept.write(NOTE, JSON.stringify(note));
    return kept;
  }

  /** Returns what no other tab works on; what is another person's is removed. */
  static async left(owner: string): Promise<KeptRecording[]> {
    const all = await folder();
    const ids: string[] = [];
    for await (const id of all.keys()) ids.push(id);
    const found: KeptRecording[] = [];
    for (const id of ids) {
      const release = await hold(id);
      if (!release) continue;
      const home = await all.getDirectoryHandle(id);
      const note = await readNote(home);
      const kept = new KeptRecording(id, home, note ?? NOBODYS, release);
      if (note?.owner === owner) found.push(kept);
      else await kept.remove();
    }
    return found;
  }

  /** Keeps the recording itself, if there is room for it twice. Returns whether it did. */
  async keepOriginal(file: File): Promise<boolean> {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    if (quota - usage < 2 * file.size) return false;
    try {
      await this.write(ORIGINAL, file);
      return true;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      await this.home.removeEntry(ORIGINAL).catch(() => undefined);
      return false;
    }
  }

  /** Returns what is to be sent; null while it is not made, or if it is gone. */
  toSend(): Promise<File | null> {
    const { step } = this.note;
    if (step === "make") return Promise.resolve(null);
    return step === "send_small" ? this.small() : this.original();
  }

  /** Returns the recording; null if there was no room for it. */
  async original(): Promise<File | null> {
    const file = await this.read(ORIGINAL);
    return file && new File([file], this.note.originalName, { type: this.note.originalType });
  }

  /** Returns the small file under its name; null if there is none. */
  async small(): Promise<File | null> {
    const file = await this.read(SMALL);
    return file && new File([file], this.note.name, { type: "video/mp4" });
  }

  /** Returns where the small file is written. */
  target(): Promise<FileSystemFileHandle> {
    return this.home.getFileHandle(SMALL, { create: true });
  }

  /** Says what is to be sent now; the other file is not needed any more. */
  async settle(step: "send_small" | "send_full"): Promise<void> {
    await this.change({ step });
    const other = step === "send_small" ? ORIGINAL : SMALL;
    await this.home.removeEntry(other).catch(() => undefined); // it may not be there
  }

  /** Begins the making anew: what was sent of the small file before does not fit the next one. */
  async beginAgain(): Promise<void> {
    await this.change({ step: "make", uploadUrl: "" });
  }

  /** Says where it is being sent to. */
  async setUploadUrl(uploadUrl: string): Promise<void> {
    if (uploadUrl !== this.note.uploadUrl) await this.change({ uploadUrl });
  }

  /** Leaves it to another page. */
  letGo(): void {
    this.release();
  }

  /** Removes everything. */
  async remove(): Promise<void> {
    await this.changing; // what is being written cannot be removed
    await (await folder()).removeEntry(this.id, { recursive: true });
    this.release();
  }

  private async change(changes: Partial<SmallerNote>): Promise<void> {
    this.note = { ...this.note, ...changes };
    const before = this.changing;
    this.changing = before.then(() => this.write(NOTE, JSON.stringify(this.note)));
    await this.changing;
  }

  private async read(name: string): Promise<File | null> {
    try {
      return await (await this.home.getFileHandle(name)).getFile();
    } catch {
      return null;
    }
  }

  private async write(name: string, content: string | Blob): Promise<void> {
    const out = await (await this.home.getFileHandle(name, { create: true })).createWritable();
    await out.write(content);
    await out.close();
  }
}

const NOBODYS: SmallerNote = {
  step: "make",
  name: "",
  originalName: "",
  originalType: "",
  fingerprint: "",
  owner: "",
  lessonUrl: "",
  uploadUrl: "",
};

async function readNote(home: FileSystemDirectoryHandle): Promise<SmallerNote | null> {
  try {
    const file = await (await home.getFileHandle(NOTE)).getFile();
    return JSON.parse(await file.text()) as SmallerNote;
  } catch {
    return null; // the tab was closed before it was written
  }
}

/** Returns what lets go again; null if another tab has it. A closed tab lets go soon by itself. */
function hold(id: string): Promise<(() => void) | null> {
  return new Promise((answer) => {
    const held = new Promise<void>((release) => {
      const signal = AbortSignal.timeout(CLOSING_MS);
      navigator.locks
        .request(`smaller-${id}`, { signal }, () => {
          answer(release);
          return held;
        })
        .catch(() => answer(null));
    });
  });
}
