import "./fonts.css";
import "../styles/index.css";
import { watchAssetStates } from "./asset_state";
import { make, readConfig } from "./dom";
import { keepListsFresh } from "./fresh";
import { offerKeeping } from "./keep";
import { offerSuggestions, openFacets } from "./search_box";
import { recallAll, remember } from "./memory";
import { tellLeft } from "./untold";
import type { SiteWords } from "./words";

const SHOWN_MS = 3000;
const CODE_LETTERS = 6;

/** Buttons with `data-copy="#id"` copy that field, or text, and say so for a moment. */
function makeCopiers(words: SiteWords): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const source = document.querySelector<HTMLElement>(button.dataset.copy || "#");
      if (!source) return;
      const isDone = await copy(source);
      button.textContent = (isDone ? words.copied : words.copy_failed) ?? label;
      window.setTimeout(() => (button.textContent = label), SHOWN_MS);
    });
  }
}

async function copy(source: HTMLElement): Promise<boolean> {
  const isField = source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement;
  if (isField) source.select();
  try {
    await navigator.clipboard.writeText(isField ? source.value : (source.textContent ?? ""));
    return true;
  } catch {
    return isField && document.execCommand("copy"); // plain http, and browsers inside other apps
  }
}

/** Buttons with `data-share` (an address), or a text that holds it, appear where the browser can share. */
function makeSharers(): void {
  if (!("share" in navigator)) return;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-share]")) {
    button.hidden = false;
    const { share: url, shareTitle: title, shareText: text } = button.dataset;
    button.addEventListener("click", () => {
      navigator.share(text ? { title, text } : { url, title }).catch(() => undefined); // closed without sharing
    });
  }
}

/** Buttons with `data-print` print the page. */
function makePrinters(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/** Fields with `data-code` send themselves when the sixth letter or digit is there. */
function sendWholeCodes(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>("input[data-code]")) {
    field.addEventListener("input", () => {
      if (field.value.replace(/[\s-]/g, "").length === CODE_LETTERS) field.form?.requestSubmit();
    });
  }
}

/** Answers to quizzes that wait here for a connection go on their way. */
async function sendAnswers(): Promise<void> {
  if (!recallAll("quiz-out:").length) return;
  const fates = await (await import("./quiz_outbox")).sendLeft();
  // On the page of the quiz itself the form says so.
  if (fates.includes("refused") && !document.querySelector("[data-quiz]")) tellRefused();
}

function tellRefused(): void {
  const notice = make("p", "notice notice-warning", { role: "alert" });
  notice.textContent = words.answers_refused;
  document.querySelector("main")?.prepend(notice);
}

const words = readConfig<SiteWords>(document.body, "words");
makeCopiers(words);
makeSharers();
makePrinters();
sendWholeCodes();
// Without a connection nobody else tells who of the home is on the phone.
if (document.body.dataset.owner) remember("kept-owner", document.body.dataset.owner);
offerKeeping();
offerSuggestions();
openFacets();
watchAssetStates(words);
keepListsFresh();
for (const goOn of [tellLeft, sendAnswers]) {
  void goOn();
  window.addEventListener("online", () => void goOn());
}
