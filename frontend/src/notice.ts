import { button, make } from "./dom";

const READ_MS = 4000;

/** The one line over the picture that says what is going on; read aloud when it changes. */
export class Notice {
  readonly element = make("p", "player__message", { role: "status", hidden: "" });
  private isToRead = false;
  private timer = 0;

  /** Says it until something else is said, or it is over. */
  say(text: string, ...more: Node[]): void {
    window.clearTimeout(this.timer);
    this.isToRead = false;
    this.element.replaceChildren(text, ...more.flatMap((each) => [" ", each]));
    this.element.hidden = text === "";
  }

  /** Says it with a button. */
  ask(text: string, label: string, onPress: () => void): void {
    this.say(text, button("player__retry", label, onPress));
  }

  /** Says it for long enough to read it, also when playback goes on. */
  tell(text: string): void {
    this.say(text);
    this.isToRead = true;
  }

  /** What was waited for is there. */
  over(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.say(""), this.isToRead ? READ_MS : 0);
  }
}
