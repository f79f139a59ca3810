/** What keys do in the editor. */
export interface EditorKeys {
  save(): void;
  undo(): void;
  togglePlay(): void;
  playChosen(): void;
  setHere(name: "startMs" | "endMs"): void;
  addAfter(): void;
  step(by: number): void;
}

/**
 * Listens to the whole page. By the key's place, not its letter: the Thai keyboard has others there.
 */
export function listenToEditorKeys(keys: EditorKeys): void {
  const withAlt: Record<string, () => void> = {
    KeyK: () => keys.togglePlay(),
    KeyJ: () => keys.playChosen(),
    BracketLeft: () => keys.setHere("startMs"),
    BracketRight: () => keys.setHere("endMs"),
    Enter: () => keys.addAfter(),
    ArrowUp: () => keys.step(-1),
    ArrowDown: () => keys.step(1),
  };
  const withControl: Record<string, () => void> = { KeyS: () => keys.save() };
  document.addEventListener("keydown", (event) => {
    const isControl = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const act = event.altKey && !event.ctrlKey ? withAlt[event.code] : isControl ? withControl[event.code] : undefined;
    if (act) {
      event.preventDefault();
      commitTyping(); // what is being typed counts first
      act();
    } else if (isControl && event.code === "KeyZ" && !isTyping()) {
      event.preventDefault();
      keys.undo();
    }
  });
}

type Field = HTMLInputElement | HTMLTextAreaElement;

function typedInto(): Field | null {
  const field = document.activeElement;
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field : null;
}

/** Says whether something was typed that the browser itself can take back. */
function isTyping(): boolean {
  const field = typedInto();
  return field !== null && field.value !== field.defaultValue;
}

function commitTyping(): void {
  typedInto()?.dispatchEvent(new Event("change"));
}
