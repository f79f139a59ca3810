import { make } from "./dom";

let open: Panel | null = null;

// A press beside the player closes, too; inside it, the picture and the opener see to it.
document.addEventListener("pointerdown", ({ target }) => {
  const player = open?.element.closest(".player");
  if (player && target instanceof Node && !player.contains(target)) open?.toggle(false);
});

/** A box over the player that one button opens; at most one is open. */
export class Panel {
  readonly element: HTMLElement;
  private returnTo: HTMLElement | null = null;

  constructor(
    name: string,
    label: string,
    private readonly content: () => Node[],
    private readonly opener?: HTMLButtonElement,
  ) {
    this.element = make("div", `player__panel player__panel--${name}`, {
      hidden: "", role: "group", "aria-label": label,
    });
    opener?.setAttribute("aria-expanded", "false");
    opener?.addEventListener("click", () => this.toggle(!this.isOpen));
    this.element.addEventListener("keydown", (event) => {
      event.stopPropagation(); // arrows choose here, and do not seek
      if (event.key === "Escape") this.toggle(false);
    });
  }

  /** Says whether the panel is open. */
  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Closes whichever panel is open; says whether one was. */
  static closeAny(): boolean {
    const was = open;
    was?.toggle(false);
    return was !== null;
  }

  toggle(isToOpen: boolean): void {
    if (isToOpen === this.isOpen) return;
    if (isToOpen) {
      this.returnTo = this.opener ?? open?.opener ?? (document.activeElement as HTMLElement | null);
      Panel.closeAny();
      this.element.replaceChildren(...this.content());
    }
    this.element.hidden = !isToOpen;
    this.opener?.setAttribute("aria-expanded", String(isToOpen));
    open = isToOpen ? this : null;
    const chosen = "input:checked, [aria-current], button, a";
    const first = this.element.querySelector<HTMLElement>(chosen) ?? this.element;
    if (first === this.element) first.tabIndex = 0; // nothing to press in it: arrows scroll it
    if (isToOpen) first.focus();
    else this.returnTo?.focus({ preventScroll: true });
  }
}
