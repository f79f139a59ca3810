import type { UploadWords } from "./words";

/** What the page says in `data-uploader`. */
export interface UploadConfig {
  createUrl: string;
  listUrl: string;
  csrf: string;
  /** Where to go with the finished file; `{original}` is its id. */
  lessonUrl: string;
  maxBytes: number;
  /** What the server is told of every file besides its name. */
  metadata?: Record<string, string>;
  /** A mark of who is signed in: what is kept in the browser is for nobody else. */
  owner: string;
  words: UploadWords;
}

/** An upload that this person began, on any device, and did not finish. */
export interface UnfinishedUpload {
  id: string;
  file_name: string;
  size_bytes: number;
  offset_bytes: number;
  fingerprint: string;
  url: string;
  touched_at: string;
}

/** Returns the person's unfinished uploads; none when there is no connection. */
export async function listUnfinished(config: UploadConfig): Promise<UnfinishedUpload[]> {
  try {
    const answer = await fetch(config.listUrl, { cache: "no-store" });
    return answer.ok ? ((await answer.json()) as UnfinishedUpload[]) : [];
  } catch {
    return []; // asked again when a file is chosen
  }
}

/** Returns what this person began to send of a file with this size and fingerprint. */
export async function findUnfinished(
  config: UploadConfig,
  sizeBytes: number,
  fingerprint: string,
): Promise<UnfinishedUpload | undefined> {
  const begun = await listUnfinished(config);
  return begun.find((each) => each.fingerprint === fingerprint && each.size_bytes === sizeBytes);
}

/** Deletes an upload and what arrived of it. Throws TypeError when there is no connection. */
export async function deleteUpload(config: UploadConfig, url: string): Promise<void> {
  const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": config.csrf };
  await fetch(url, { method: "DELETE", headers });
}
