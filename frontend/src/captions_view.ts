import { addCaptions } from "./captions";
import { make } from "./dom";
import { recall, remember } from "./memory";
import type { PlayerConfig } from "./player_config";
import type { ChoiceGroup } from "./settings_menu";
import type { PlayerWords } from "./words";

const SIZES = ["small", "normal", "large"] as const;

/**
 * The captions over the picture: own text, so that its size can be chosen and Thai breaks at words.
 *
 * Where the browser shows the bare video (full screen on iPhones), its own captions are switched on.
 */
export class CaptionsView {
  readonly element = make("div", "player__captions", { "aria-hidden": "true" });
  /** The number of the track that is shown, as text; "" for none. */
  chosen = "";
  private readonly tracks = new Map<string, TextTrack>();

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly config: PlayerConfig,
    private readonly addressOf: (name: string) => string | null,
  ) {
    this.showSize(recall("caption-size") ?? "normal");
    video.addEventListener("webkitbeginfullscreen", () => this.setMode("showing"));
    video.addEventListener("webkitendfullscreen", () => this.setMode("hidden"));
  }

  /** Shows the captions that were chosen in another lesson. */
  async restore(): Promise<void> {
    const kept = this.config.tracks.findIndex(({ language }) => language === recall("captions"));
    if (kept >= 0) await this.show(String(kept));
  }

  async show(value: string): Promise<void> {
    this.setMode("disabled");
    this.chosen = value;
    this.element.replaceChildren();
    const wanted = this.config.tracks[Number(value)];
    remember("captions", value === "" ? null : (wanted?.language ?? null));
    const url = wanted && value !== "" ? this.addressOf(wanted.url_name) : null;
    if (!wanted || !url) return;
    try {
      const { label, language } = wanted;
      const track = this.tracks.get(value) ?? (await addCaptions(this.video, url, label, language));
      this.tracks.set(value, track);
      this.element.lang = language;
      // Descriptions are for who cannot see: a screen reader says them as they appear.
      const isSpoken = wanted.kind === "descriptions";
      this.element.setAttribute("aria-hidden", String(!isSpoken));
      this.element.setAttribute("aria-live", isSpoken ? "polite" : "off");
      track.oncuechange = () => this.draw(track);
      this.setMode("hidden");
      this.draw(track);
    } catch {
      this.chosen = ""; // the line is gone: the person may choose them again
    }
  }

  toggle(): void {
    void this.show(this.chosen === "" ? "0" : "");
  }

  /** Returns the menu's groups: which captions, and how large. */
  groups(words: PlayerWords): ChoiceGroup[] {
    const { tracks } = this.config;
    if (!tracks.length) return [];
    const off = { value: "", label: words.captions_off };
    const choices = [off, ...tracks.map(({ label }, number) => ({ value: String(number), label }))];
    const onChoose = (value: string) => void this.show(value);
    const sizes = SIZES.map((value) => ({ value, label: words[`caption_size_${value}`] }));
    const chosen = this.element.dataset.size ?? "normal";
    return [
      { name: "captions", heading: words.captions, choices, chosen: this.chosen, onChoose },
      {
        name: "caption-size", heading: words.caption_size, choices: sizes, chosen,
        onChoose: (size) => {
          this.showSize(size);
          remember("caption-size", size);
        },
      },
    ];
  }

  private showSize(size: string): void {
    this.element.dataset.size = size;
  }

  private setMode(mode: TextTrackMode): void {
    const track = this.tracks.get(this.chosen);
    if (track) track.mode = mode;
  }

  private draw(track: TextTrack): void {
    const cues = [...(track.activeCues ?? [])] as VTTCue[];
    const lines = cues.map((cue) => make("p", "player__caption", {}, cue.getCueAsHTML()));
    this.element.replaceChildren(...lines);
  }
}
