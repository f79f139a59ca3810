import { readConfig } from "./dom";
import { LateImages } from "./late_images";
import { MorePages } from "./more_pages";
import { PageZoom } from "./page_zoom";
import { ReadingPlace, type DocumentConfig } from "./reading_place";

const FOLLOW_MS = 150;

/** The pages of a document: which one is read, the way to another one, and how large they are. */
class DocumentViewer {
  private readonly config: DocumentConfig;
  private readonly zoom: PageZoom;
  private readonly place: ReadingPlace;
  private readonly field: HTMLInputElement | null;
  private current = 0;

  constructor(private readonly root: HTMLElement) {
    this.config = readConfig<DocumentConfig>(root, "document");
    this.field = root.querySelector(".document-jump input");
    this.zoom = new PageZoom(root);
    this.place = new ReadingPlace(this.config);
    this.place.offerToGoOn(root);
    const images = new LateImages(root);
    new MorePages(root, () => {
      images.watch();
      this.follow();
    });
    this.takeBar(root.querySelector<HTMLFormElement>("form.document-bar"));
    document.addEventListener("keydown", (event) => this.press(event));
    let timer = 0;
    window.addEventListener("scroll", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => this.follow(), FOLLOW_MS);
    }, { passive: true });
    window.addEventListener("pagehide", () => this.place.keep(this.current, true));
    this.follow();
  }

  /** Jumps when a number was typed: phones' keyboards of digits often have no key to send it. */
  private takeBar(bar: HTMLFormElement | null): void {
    bar?.setAttribute("data-live", "");
    bar?.addEventListener("submit", (event) => this.jump(event));
    this.field?.addEventListener("change", () => {
      if (!this.goTo(Number(this.field?.value))) bar?.submit();
    });
  }

  /** Notes which page stands in the middle of the screen. */
  private follow(): void {
    const number = Number(this.pageInTheMiddle()?.dataset.page ?? 0);
    if (!number || number === this.current) return;
    const isFirstLook = this.current === 0;
    this.current = number;
    if (this.field && document.activeElement !== this.field) this.field.value = String(number);
    if (!isFirstLook) this.place.keep(number, false);
  }

  private pageInTheMiddle(): HTMLElement | undefined {
    const middle = window.innerHeight / 2;
    return this.pages().find((page) => page.getBoundingClientRect().bottom > middle);
  }

  private pages(): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>("li[data-page]")];
  }

  /** Goes to the page typed, if it is here; else the form loads it. */
  private jump(event: Event): void {
    const number = Number(this.field?.value);
    if (!this.goTo(number)) return;
    event.preventDefault();
    this.field?.blur();
  }

  private goTo(number: number): boolean {
    const page = this.root.querySelector<HTMLElement>(`#page-${number}`);
    page?.scrollIntoView();
    return page !== null;
  }

  private press(event: KeyboardEvent): void {
    const isElsewhere = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
    if (isElsewhere || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    if (step && !this.zoom.isLarger && this.goTo(this.current + step)) event.preventDefault();
  }
}

const root = document.querySelector<HTMLElement>("[data-document]");
if (root) new DocumentViewer(root);
