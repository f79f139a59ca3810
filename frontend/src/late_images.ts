const NEAR = "75% 0px";

/**
 * Images of pages that are fetched when they are nearly seen, and not before the first one is here:
 * browsers' own lazy images come several screens ahead, and a poor line is shared by all.
 */
export class LateImages {
  private readonly seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) if (entry.isIntersecting) this.show(entry.target);
    },
    { rootMargin: NEAR },
  );

  constructor(private readonly root: HTMLElement) {
    const first = root.querySelector<HTMLImageElement>(".pages img");
    const begin = (): void => {
      document.body.classList.remove("late-fonts");
      this.watch();
    };
    if (!first || first.complete) {
      begin();
      return;
    }
    first.addEventListener("load", begin, { once: true });
    first.addEventListener("error", begin, { once: true });
  }

  /** Also looks after pages that came later. */
  watch(): void {
    for (const image of this.root.querySelectorAll("img[data-src]")) this.seen.observe(image);
  }

  private show(image: Element): void {
    this.seen.unobserve(image);
    const source = image.parentElement?.querySelector<HTMLSourceElement>("source[data-srcset]");
    if (source) source.srcset = source.dataset.srcset ?? "";
    const address = image.getAttribute("data-src");
    image.removeAttribute("data-src");
    if (address) (image as HTMLImageElement).src = address;
  }
}
