import { readConfig } from "./dom";
import type { KeepConfig } from "./keep_on_device";

/** Shows the buttons that keep a lesson where the browser can; what they need comes with the tap. */
export function offerKeeping(): void {
  const canKeep =
    window.isSecureContext &&
    "serviceWorker" in navigator &&
    typeof FileSystemFileHandle !== "undefined" &&
    "createWritable" in FileSystemFileHandle.prototype;
  if (!canKeep) return;
  for (const root of document.querySelectorAll<HTMLElement>("[data-keep]")) {
    for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-keep-file]")) {
      button.hidden = false;
      button.addEventListener("click", () => void keep(root, button));
    }
    root.querySelector<HTMLElement>(".save-kept")?.removeAttribute("hidden");
  }
}

async function keep(root: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const place = root.querySelector<HTMLElement>(".save-status");
  if (!place) return;
  const { keepFile: url = "", keepName: name = "", keepLabel: label = "" } = button.dataset;
  const choice = { url, name, label, sizeBytes: Number(button.dataset.keepBytes) };
  const buttons = [...root.querySelectorAll<HTMLButtonElement>("button[data-keep-file]")];
  for (const each of buttons) each.disabled = true;
  const { Keeping } = await import("./keep_on_device");
  await new Keeping(readConfig<KeepConfig>(root, "keep"), choice, place).run();
  for (const each of buttons) each.disabled = false;
}
