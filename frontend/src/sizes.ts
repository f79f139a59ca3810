import { fill, type UploadWords } from "./words";

/** Returns bytes as people say them: 640 KB, 95 MB, 1.3 GB. */
export function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} KB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Returns a rough length of time, never finer than it can be known. */
export function lengthText(words: UploadWords, seconds: number): string {
  if (seconds < 60) return fill(words.seconds, { count: Math.max(5, Math.ceil(seconds / 5) * 5) });
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return fill(words.minutes, { count: minutes });
  return fill(words.hours, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** Returns whole percent; 100 only when all is there. */
export function percentOf(sentBytes: number, totalBytes: number): number {
  return totalBytes ? Math.floor((sentBytes / totalBytes) * 100) : 0;
}
