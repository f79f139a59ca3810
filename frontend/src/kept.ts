import { button, make, readConfig } from "./dom";
import { canKeep, keptFile, type KeptLesson, listKept, removeKept } from "./kept_store";
import { dropShell, keepShell } from "./kept_shell";
import { KEPT_PATH } from "./kept_names";
import { recall } from "./memory";
import { sizeText } from "./sizes";
import { Watched } from "./watched";
import { fill, type KeptWords } from "./words";

/** What the page says in `data-kept`. */
interface KeptConfig {
  /** A mark of who is signed in; null in the page that is shown without a connection. */
  owner: string | null;
  /** Marks of those who share the phone; what they keep stays for them. */
  others?: string[];
  words: KeptWords;
}

/** The list of kept lessons: played, and removed, without a connection too. */
class KeptList {
  private lessons: KeptLesson[] = [];
  private readonly status = make("p", "", { role: "status" });

  constructor(
    private readonly root: HTMLElement,
    private readonly words: KeptWords,
  ) {}

  async show(owner: string | null, others: string[] | null): Promise<void> {
    this.lessons = await listKept(owner, others);
    this.draw();
  }

  private draw(): void {
    const { words, lessons } = this;
    const usedBytes = lessons.reduce((sum, each) => sum + each.sizeBytes, 0);
    const uses = make("p", "kept-uses", {}, fill(words.uses, { size: sizeText(usedBytes) }));
    const list = make("ul", "kept-list", { role: "list" }, ...lessons.map((each) => this.row(each)));
    const nothing = make("p", "", {}, words.nothing);
    this.root.replaceChildren(this.status, ...(lessons.length ? [uses, list] : [nothing]));
  }

  private row(lesson: KeptLesson): HTMLLIElement {
    const facts = [lesson.maker, lesson.label, sizeText(lesson.sizeBytes)].filter(Boolean);
    const place = make("div", "");
    const play = button("button", this.words.play, () => void this.play(lesson, place, play));
    const remove = button("button button-quiet", this.words.remove, () => void this.remove(lesson));
    play.setAttribute("aria-label", `${this.words.play} ${lesson.title}`);
    remove.setAttribute("aria-label", `${this.words.remove} ${lesson.title}`);
    const actions = make("div", "kept-actions", {}, play, remove);
    const title = make("h2", "", {}, lesson.title);
    return make("li", "kept-lesson", {}, title, make("p", "", {}, facts.join(" · ")), place, actions);
  }

  private async play(lesson: KeptLesson, place: HTMLElement, play: HTMLElement): Promise<void> {
    const media = make("video", "", { controls: "", playsinline: "" });
    media.src = URL.createObjectURL(await keptFile(lesson.lessonId, lesson.name));
    for (const { name, language, label } of lesson.tracks) {
      const text = await keptFile(lesson.lessonId, name).catch(() => null);
      if (!text) continue; // it could not be fetched then
      const src = URL.createObjectURL(text.slice(0, text.size, "text/vtt"));
      media.append(make("track", "", { kind: "captions", srclang: language, label, src }));
    }
    this.count(media, lesson);
    place.replaceChildren(media);
    play.remove();
    await media.play().catch(() => undefined); // the controls are there
  }

  /** What is watched here counts, too: it is told when there is a connection. */
  private count(media: HTMLVideoElement, lesson: KeptLesson): void {
    const watched = new Watched(media, () => media.currentTime, () => lesson.keptRanges);
    watched.begin(lesson.progressPass ?? null);
    media.addEventListener("timeupdate", () => watched.note());
    media.addEventListener("pause", () => void watched.tell());
  }

  private async remove(lesson: KeptLesson): Promise<void> {
    await removeKept(lesson.lessonId);
    this.lessons = this.lessons.filter((each) => each !== lesson);
    this.draw();
    this.status.textContent = fill(this.words.removed, { size: sizeText(lesson.sizeBytes) });
    if (!this.lessons.length) await dropShell();
  }
}

async function start(root: HTMLElement): Promise<void> {
  const { owner, others = [], words } = readConfig<KeptConfig>(root, "kept");
  if (!canKeep()) {
    root.replaceChildren(make("p", "notice", {}, words.unsupported));
    return;
  }
  const isKnown = owner !== null;
  await new KeptList(root, words).show(owner ?? recall("kept-owner"), isKnown ? others : null);
  // A page from the worker has no owner: there is no connection to fetch a newer one.
  const isKept = await navigator.serviceWorker.getRegistration("/");
  if (owner !== null && isKept) await keepShell(KEPT_PATH).catch(() => undefined);
}

for (const root of document.querySelectorAll<HTMLElement>("[data-kept]")) void start(root);
