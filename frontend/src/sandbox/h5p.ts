import type { Completion, Score, Success } from "../package_protocol";
import { scaledScore } from "../package_protocol";

/** As much of H5P's own objects as is used here. */
interface XApiEvent {
  getVerb(): string;
  getScore(): number | null;
  getMaxScore(): number | null;
  getVerifiedStatementValue(keys: string[]): unknown;
}
interface H5PGlobals {
  H5PStandalone: { H5P: new (element: Element, options: object) => Promise<void> };
  H5P: {
    externalDispatcher: { on(name: "xAPI", call: (event: XApiEvent) => void): void };
    instances: { getCurrentState?: () => unknown }[];
  };
}

const PLAYER = "/static/package/h5p-standalone";
const LOOK_MS = 3000;
const ENDS = ["completed", "answered"];
const globals = window as unknown as H5PGlobals;
const bridge = window.khlangBridge;
const begunAt = Date.now();
let state = bridge.handover.state;
let score: Score | null = null;
let completion: Completion = "incomplete";
let success: Success = "unknown";

function tell(isUrgent: boolean): void {
  const seconds = (Date.now() - begunAt) / 1000;
  bridge.tell({ state, score, completion, success, seconds }, isUrgent);
}

function look(): void {
  const [main] = globals.H5P.instances;
  const found = JSON.stringify(main?.getCurrentState?.() ?? null);
  if (found === "null" || found === state) return;
  state = found;
  tell(false);
}

/** Only what the whole says counts; its parts report too, and name the whole as their parent. */
function take(event: XApiEvent): void {
  const isPart = event.getVerifiedStatementValue(["context", "contextActivities", "parent"]) !== null;
  if (isPart || !ENDS.includes(event.getVerb())) return;
  const [raw, max] = [event.getScore(), event.getMaxScore()];
  if (typeof raw === "number") score = { raw, min: 0, max, scaled: scaledScore(raw, 0, max) };
  const isSuccess = event.getVerifiedStatementValue(["result", "success"]);
  success = typeof isSuccess === "boolean" ? (isSuccess ? "passed" : "failed") : "unknown";
  completion = "completed";
  look();
  tell(true);
}

function watchHeight(element: Element): void {
  new ResizeObserver(() => bridge.tellHeight(Math.ceil(element.scrollHeight))).observe(element);
}

async function play(element: Element): Promise<void> {
  await new globals.H5PStandalone.H5P(element, {
    id: "khlang",
    h5pJsonPath: new URL(".", location.href).href.replace(/\/$/, ""),
    frameJs: `${PLAYER}/frame.bundle.js`,
    frameCss: `${PLAYER}/styles/h5p.css`,
    embedType: "div", // a frame in a sandbox could not be written into
    icon: false,
    fullScreen: false, // the button beside the frame does it
    reportingIsEnabled: true,
    saveFreq: LOOK_MS / 1000,
    contentUserData: state ? [{ state }] : undefined, // as H5P's core reads it, not as documented
  });
  globals.H5P.externalDispatcher.on("xAPI", take);
  window.setInterval(look, LOOK_MS);
}

const place = document.getElementById("h5p");
if (place) {
  watchHeight(place);
  void play(place);
}
