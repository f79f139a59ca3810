const TIME = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?$/;

/** Writes milliseconds as 1:05.500. */
export function cueClock(ms: number | null): string {
  if (ms === null) return "";
  const rest = String(ms % 1000).padStart(3, "0");
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${String(seconds % 60).padStart(2, "0")}.${rest}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Reads what a person typed: 1:05.5, 1:02:03, 65,5, also in Thai digits; null when it is no time. */
export function readClock(typed: string): number | null {
  const plain = typed.trim().replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0xe50));
  const found = TIME.exec(plain);
  if (!found) return null;
  const [, hours = "0", minutes = "0", seconds = "0", fraction = ""] = found;
  const wholeS = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return wholeS * 1000 + Number(fraction.padEnd(3, "0"));
}
