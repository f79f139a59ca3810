const POLL_MS = 3000;

/**
 * Keeps lists with `data-fresh` (the address of the list alone) as the server has them.
 *
 * Opened details stay open, and the focus stays where it is. While something is ticked in a list it stays
 * as it is: only what was looked at is chosen.
 */
export function keepListsFresh(): void {
  for (const list of document.querySelectorAll<HTMLElement>("[data-fresh]")) {
    const again = async () => {
      await refresh(list);
      window.setTimeout(() => void again(), POLL_MS);
    };
    window.setTimeout(() => void again(), POLL_MS);
  }
}

async function refresh(list: HTMLElement): Promise<void> {
  if (document.hidden) return;
  try {
    // The browser's cache asks whether it has changed: unchanged lists are not sent again.
    const answer = await fetch(list.dataset.fresh ?? "", { cache: "no-cache" });
    if (answer.ok && !answer.redirected) replace(list, await answer.text());
  } catch {
    return; // no connection: asked again
  }
}

function replace(list: HTMLElement, html: string): void {
  if (list.contains(document.activeElement) && document.activeElement?.closest("form, a")) return;
  if (list.querySelector("input:checked")) return;
  const opened = [...list.querySelectorAll("details[open]")].map((each) => each.id);
  const page = new DOMParser().parseFromString(html, "text/html");
  list.replaceChildren(...page.body.childNodes);
  for (const details of list.querySelectorAll("details")) details.open = opened.includes(details.id);
}
