import {
  type Call,
  type Handover,
  isCall,
  type Progress,
  readHandover,
  readReport,
  type Report,
  VERSION,
} from "../package_protocol";

const PAUSE_MS = 1000;

function handoverInName(): Handover | null {
  try {
    return readHandover(JSON.parse(window.name));
  } catch {
    return null; // no name, or the package's own
  }
}

/** Joins a page of a package to the lesson's page, also through the package's own frames. */
export class Bridge {
  handover: Handover;
  /** The lesson's page, or the page of the package that holds this one. */
  private readonly above: Window = window.parent;
  private readonly isNamed: boolean;
  private last: Progress | null = null;
  private timer = 0;

  /** `onHandover` is called again when it comes later by a message: in frames inside the package. */
  constructor(private readonly onHandover: (handover: Handover) => void = () => undefined) {
    const named = handoverInName();
    this.isNamed = named !== null;
    this.handover = named ?? { khlang: VERSION, item: "", state: "", learnerId: "", lang: "" };
    window.addEventListener("message", (event) => this.listen(event));
    window.addEventListener("pagehide", () => this.flush());
    if (!this.isNamed) this.send({ khlang: VERSION, kind: "hello" } satisfies Call);
  }

  /** Tells how far somebody is: soon, or at once if `isUrgent`. */
  tell(progress: Omit<Progress, "khlang" | "kind" | "item">, isUrgent = false): void {
    this.last = { khlang: VERSION, kind: "progress", item: this.handover.item, ...progress };
    this.keep(progress.state);
    if (isUrgent) this.flush();
    else this.timer ||= window.setTimeout(() => this.flush(), PAUSE_MS);
  }

  tellHeight(px: number): void {
    this.send({ khlang: VERSION, kind: "height", px });
  }

  private flush(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    if (this.last) this.send(this.last);
    this.last = null;
  }

  private send(message: object): void {
    if (this.above !== window) this.above.postMessage(message, "*");
  }

  /** The next page in this frame goes on from here. */
  private keep(state: string): void {
    this.handover.state = state;
    if (this.isNamed) window.name = JSON.stringify(this.handover);
  }

  private listen(event: MessageEvent): void {
    if (event.source === this.above && isCall(event.data, "end")) {
      this.end();
    } else if (event.source === this.above && !this.isNamed) {
      const handover = readHandover(event.data);
      if (handover) {
        this.handover = handover;
        this.onHandover(handover);
      }
    } else if (isCall(event.data, "hello") && this.isNamed) {
      (event.source as Window).postMessage(this.handover, "*");
    } else {
      this.pass(readReport(event.data));
    }
  }

  /** Lets content do what it does when it is left: in a sandbox that would come too late. */
  private end(): void {
    for (let each = 0; each < window.frames.length; each += 1) {
      window.frames[each]?.postMessage({ khlang: VERSION, kind: "end" } satisfies Call, "*");
    }
    for (const name of ["beforeunload", "pagehide", "unload"]) window.dispatchEvent(new Event(name));
    this.flush();
  }

  /** Hands on what a frame inside the package reports. */
  private pass(report: Report | null): void {
    if (report?.kind !== "progress") return;
    this.keep(report.state);
    this.send({ ...report, item: this.handover.item });
  }
}
