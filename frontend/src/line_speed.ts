import { recall, remember } from "./memory";

const NOTE = "line-bps";
/** Without any knowledge: slow enough that a poor line starts at once, on the lowest. */
const UNKNOWN_BPS = 350_000;
/** What browsers guess before they have measured anything is not believed beyond this. */
const BELIEVED_BPS = 1_500_000;
const TELLING_BYTES = 8_000;

interface Connection {
  downlink?: number;
  saveData?: boolean;
}

function connection(): Connection {
  return (navigator as Navigator & { connection?: Connection }).connection ?? {};
}

/** Returns the best rate at which a file of this page came; 0 when all were kept from before. */
function measuredByPage(): number {
  const files = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const rates = files
    .filter((each) => each.transferSize > TELLING_BYTES && each.responseEnd > each.requestStart)
    .map((each) => (each.transferSize * 8000) / (each.responseEnd - each.requestStart));
  return Math.max(0, ...rates);
}

/** Returns the rate to start with: measured before, or by this page; else what the browser says. */
export function expectedBps(): number {
  const remembered = Number(recall(NOTE));
  if (remembered > 0) return remembered * 0.8;
  const measured = measuredByPage();
  if (measured > 0) return Math.min(measured * 0.8, 4_000_000);
  const { downlink } = connection();
  return downlink ? Math.min(downlink * 500_000, BELIEVED_BPS) : UNKNOWN_BPS;
}

/** Keeps a measured rate for the next lesson. */
export function rememberBps(bps: number): void {
  if (Number.isFinite(bps) && bps > 0) remember(NOTE, String(Math.round(bps)));
}

/** Says whether the person asked to save data: here before, or in the browser. */
export function wantsDataSaver(): boolean {
  const chosen = recall("data-saver");
  return chosen === null ? connection().saveData === true : chosen === "1";
}
