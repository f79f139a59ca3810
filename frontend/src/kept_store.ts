/** Lessons kept in the browser's private storage: one folder each, with what it says about itself. */

import type { Range } from "./timeline";

const FOLDER = "kept";
const NOTE = "lesson.json";

/** Captions beside a kept lesson; `name` is their file. */
export interface KeptTrack {
  language: string;
  label: string;
  name: string;
}

/** What is known of a kept lesson; its note is written last, so there is none of half a lesson. */
export interface KeptLesson {
  lessonId: string;
  title: string;
  maker: string;
  /** A mark of the person who kept it; empty for guests. */
  owner: string;
  label: string;
  /** The file's name: its ending says whether there is a picture. */
  name: string;
  sizeBytes: number;
  tracks: KeptTrack[];
  /** For reports of what was watched of it; not there if it was kept long ago, or by a guest. */
  progressPass?: string | null;
  /** Ranges of the original that the file shows; none: all of it. */
  keptRanges?: Range[];
}

/** Says whether this browser can keep lessons: only on secure pages, and not in every browser. */
export function canKeep(): boolean {
  return (
    window.isSecureContext &&
    "serviceWorker" in navigator &&
    typeof navigator.storage?.getDirectory === "function" &&
    typeof FileSystemFileHandle !== "undefined" &&
    "createWritable" in FileSystemFileHandle.prototype
  );
}

async function folder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** Returns an empty folder for a lesson; what was kept of it before is gone. */
export async function emptyFolder(lessonId: string): Promise<FileSystemDirectoryHandle> {
  await removeKept(lessonId);
  return (await folder()).getDirectoryHandle(lessonId, { create: true });
}

/** Writes a small file. Throws QuotaExceededError. */
export async function writeFile(
  home: FileSystemDirectoryHandle,
  name: string,
  content: string | ArrayBuffer,
): Promise<void> {
  const file = await home.getFileHandle(name, { create: true });
  const out = await file.createWritable();
  await out.write(content);
  await out.close();
}

/** Says that all of a lesson is there. */
export async function noteKept(home: FileSystemDirectoryHandle, lesson: KeptLesson): Promise<void> {
  await writeFile(home, NOTE, JSON.stringify(lesson));
}

/** Returns a file of a kept lesson; it stays on the disk until it is read. */
export async function keptFile(lessonId: string, name: string): Promise<File> {
  const home = await (await folder()).getDirectoryHandle(lessonId);
  return (await home.getFileHandle(name)).getFile();
}

/** Removes a lesson; nothing happens if it is not kept. */
export async function removeKept(lessonId: string): Promise<void> {
  const all = await folder();
  try {
    await all.removeEntry(lessonId, { recursive: true });
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "NotFoundError") throw error;
  }
}

/**
 * Returns what is kept, and removes what is not whole or another person's.
 *
 * `owner` is null where it is not known who is signed in, without a connection. What `others` keep
 * who share the phone stays for them, and everything where they are not known (null).
 */
export async function listKept(owner: string | null, others: string[] | null): Promise<KeptLesson[]> {
  const found: KeptLesson[] = [];
  const strangers: string[] = [];
  for await (const name of (await folder()).keys()) {
    const lesson = await readNote(name);
    const isOurs = lesson && (!lesson.owner || owner === null || lesson.owner === owner);
    if (isOurs) found.push(lesson);
    else if (!lesson || !(others?.includes(lesson.owner) ?? true)) strangers.push(name);
  }
  for (const name of strangers) await removeKept(name);
  return found.sort((one, other) => one.title.localeCompare(other.title, "th"));
}

async function readNote(lessonId: string): Promise<KeptLesson | null> {
  try {
    return JSON.parse(await (await keptFile(lessonId, NOTE)).text()) as KeptLesson;
  } catch {
    return null; // being kept in another tab, or left by one that was closed
  }
}
