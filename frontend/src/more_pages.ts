const AHEAD = "150% 0px";

/** Loads the pages before and after those that came with the page, when they are wanted. */
export class MorePages {
  private readonly seen: IntersectionObserver;

  constructor(
    private readonly root: HTMLElement,
    private readonly onMore: () => void,
  ) {
    this.seen = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) this.load(entry.target);
    }, { rootMargin: AHEAD });
    // First what was asked for, then what is around it.
    if (document.readyState === "complete") this.watch();
    else window.addEventListener("load", () => this.watch());
  }

  private watch(): void {
    for (const link of this.root.querySelectorAll("a[data-more]")) this.seen.observe(link);
  }

  /** Puts the pages behind a link in its place. Without a connection the link stays a link. */
  private async load(link: Element): Promise<void> {
    this.seen.unobserve(link);
    const answer = await fetch((link as HTMLAnchorElement).href).catch(() => null);
    if (!answer?.ok) return;
    const loaded = new DOMParser().parseFromString(await answer.text(), "text/html");
    const place = link.closest("li");
    if (!place) return;
    const isEarlier = (link as HTMLElement).dataset.more === "earlier";
    const anchor = place.nextElementSibling;
    const top = anchor?.getBoundingClientRect().top ?? 0;
    place.replaceWith(...this.newPages(loaded, isEarlier ? "later" : "earlier"));
    if (isEarlier && anchor) window.scrollBy(0, anchor.getBoundingClientRect().top - top);
    this.watch();
    this.onMore();
  }

  private newPages(loaded: Document, back: string): Element[] {
    const items = [...loaded.querySelectorAll(".document .pages > li")];
    return items.filter(
      (item) =>
        !item.querySelector(`[data-more="${back}"]`) &&
        (item.id === "" || document.getElementById(item.id) === null),
    );
  }
}
