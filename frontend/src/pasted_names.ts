const QUIET_MS = 400;

/** Shows under the names, when nothing more is typed, what they are read as and how to go on. */
function lookAlong(form: HTMLFormElement, field: HTMLTextAreaElement, shown: HTMLElement): void {
  let timer = 0;
  let asked = new AbortController();
  const url = form.getAttribute("action") ?? ""; // its buttons are called action, too
  const look = async () => {
    asked = new AbortController();
    const body = new FormData(form);
    body.set("part", "read");
    try {
      const answer = await fetch(url, { method: "POST", body, signal: asked.signal });
      if (answer.ok && !answer.redirected) shown.innerHTML = await answer.text();
    } catch {
      return; // no connection, or more was typed: the button asks, too
    }
  };
  field.addEventListener("input", () => {
    asked.abort();
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), QUIET_MS);
  });
}

const shown = document.querySelector<HTMLElement>("[data-names-read]");
const field = document.querySelector<HTMLTextAreaElement>("textarea[name=names]");
if (shown && field?.form) lookAlong(field.form, field, shown);
