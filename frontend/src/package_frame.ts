import { make } from "./dom";
import { type Call, type Handover, readReport, type Report, VERSION } from "./package_protocol";

/** The same as in the policy that comes with every file: an origin of its own, no way out. */
const SANDBOX = "allow-scripts allow-forms allow-modals allow-pointer-lock allow-popups";
const MOST_PER_S = 20;
const LAST_WORDS_MS = 300;

/** A package in its sandbox. It may say anything at any rate; little of it is heard. */
export class PackageFrame {
  readonly element: HTMLIFrameElement;
  private heardCount = 0;
  private secondBegan = 0;
  private readonly listen = (event: MessageEvent): void => this.hear(event);

  constructor(
    url: string,
    title: string,
    private readonly handover: Handover,
    private readonly onReport: (report: Report) => void,
  ) {
    this.element = make("iframe", "package-frame", {
      sandbox: SANDBOX,
      referrerpolicy: "no-referrer",
      name: JSON.stringify(handover),
      title,
      src: url,
    });
    window.addEventListener("message", this.listen);
  }

  /** Lets its page end and hears what that says last: many give their score only then. */
  async close(): Promise<void> {
    const end: Call = { khlang: VERSION, kind: "end" };
    this.element.contentWindow?.postMessage(end, "*");
    await new Promise((resolve) => window.setTimeout(resolve, LAST_WORDS_MS));
    this.drop();
  }

  /** Takes it away at once. */
  drop(): void {
    window.removeEventListener("message", this.listen);
    this.element.remove();
  }

  private hear(event: MessageEvent): void {
    if (event.source !== this.element.contentWindow || event.source === null) return;
    const second = Math.floor(event.timeStamp / 1000);
    if (second !== this.secondBegan) this.heardCount = 0;
    this.secondBegan = second;
    this.heardCount += 1;
    if (this.heardCount > MOST_PER_S) return;
    const report = readReport(event.data);
    if (report?.kind === "progress") this.onReport({ ...report, item: this.handover.item });
    else if (report) this.onReport(report);
  }
}
