import { recall, remember } from "./memory";

const NOTE = "line-bps";
/** Without any knowledge: slow enough that a poor line starts at once, on the lowest. */
const UNKNOWN_BPS = 350_000;

interface Connection {
  downlink?: number;
  saveData?: boolean;
}

function connection(): Connection {
  return (navigator as Navigator & { connection?: Connection }).connection ?? {};
}

/** Returns the rate to start with, from what was measured before or what the browser knows. */
export function expectedBps(): number {
  const remembered = Number(recall(NOTE));
  if (remembered > 0) return remembered * 0.8;
  const { downlink } = connection();
  // Browsers cap and round this figure, so half of it is believed.
  return downlink ? Math.min(downlink * 500_000, 4_000_000) : UNKNOWN_BPS;
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
