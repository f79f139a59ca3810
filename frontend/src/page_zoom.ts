const STEPS = [1, 1.5, 2, 3];
const FINE_FROM = 1.2;

/** How large pages are: in steps, or by two fingers. Larger ones are drawn from the finer image. */
export class PageZoom {
  private step = 0;
  private readonly scroller: HTMLElement;
  private readonly seen: IntersectionObserver;

  constructor(private readonly root: HTMLElement) {
    this.scroller = root.querySelector<HTMLElement>(".document-scroll") ?? root;
    this.seen = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) this.refine(entry.target);
    }, { rootMargin: "50% 0px" });
    const buttons = root.querySelector<HTMLElement>(".document-zoom");
    if (buttons) buttons.hidden = root.querySelector(".page-image") === null;
    buttons?.addEventListener("click", (event) => this.pressed(event));
    root.addEventListener("click", (event) => this.tapped(event));
    window.visualViewport?.addEventListener("resize", () => {
      if ((window.visualViewport?.scale ?? 1) > FINE_FROM) this.refineAll();
    });
  }

  get isLarger(): boolean {
    return this.step > 0;
  }

  private pressed(event: Event): void {
    const target = event.target as HTMLElement;
    const wish = target.closest<HTMLElement>("[data-zoom]")?.dataset.zoom;
    if (wish === "in") this.set(this.step + 1);
    else if (wish === "out") this.set(this.step - 1);
    else if (wish === "fit") this.set(0);
  }

  /** A tap on a page makes it larger there, or fits it again. */
  private tapped(event: MouseEvent): void {
    const link = (event.target as HTMLElement).closest(".page-image");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const box = link.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const down = (event.clientY - box.top) / box.height;
    this.set(this.isLarger ? 0 : 2);
    const after = link.getBoundingClientRect();
    window.scrollBy(0, after.top + down * after.height - event.clientY);
    this.scroller.scrollLeft = across * this.scroller.scrollWidth - this.scroller.clientWidth / 2;
  }

  private set(step: number): void {
    this.step = Math.min(Math.max(step, 0), STEPS.length - 1);
    const middle = this.pageInView();
    const before = middle?.getBoundingClientRect();
    withoutAnchoring();
    this.root.style.setProperty("--zoom", String(STEPS[this.step]));
    if (middle && before) keepInPlace(middle, before);
    if (this.isLarger) this.refineAll();
  }

  private pageInView(): Element | undefined {
    const half = window.innerHeight / 2;
    const pages = [...this.root.querySelectorAll("li[data-page]")];
    return pages.find((page) => page.getBoundingClientRect().bottom > half);
  }

  private refineAll(): void {
    for (const link of this.root.querySelectorAll(".page-image")) this.seen.observe(link);
  }

  private refine(link: Element): void {
    this.seen.unobserve(link);
    const image = link.querySelector("img");
    const fine = link.getAttribute("href");
    if (!image || !fine || image.src.endsWith(fine)) return;
    link.querySelector("source")?.remove();
    image.removeAttribute("data-src");
    image.src = fine;
  }
}

/** Keeps the browser from scrolling, too, to where it thinks that the reader was. */
function withoutAnchoring(): void {
  const { style } = document.documentElement;
  style.overflowAnchor = "none";
  requestAnimationFrame(() => requestAnimationFrame(() => void (style.overflowAnchor = "")));
}

/** Scrolls so that what stood in the middle of the screen stands there again. */
function keepInPlace(page: Element, before: DOMRect): void {
  const half = window.innerHeight / 2;
  const share = (half - before.top) / before.height;
  const after = page.getBoundingClientRect();
  window.scrollBy(0, after.top + share * after.height - half);
}
