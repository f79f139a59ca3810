import { make } from "./dom";

/** The last picture, held while the source is opened again at the same second. */
export class StillFrame {
  readonly element = make("canvas", "player__still", { hidden: "" });

  constructor(private readonly video: HTMLVideoElement) {}

  hold(): void {
    const { video, element } = this;
    if (video.readyState < 2 || video.videoWidth === 0) return;
    element.width = video.videoWidth;
    element.height = video.videoHeight;
    element.getContext("2d")?.drawImage(video, 0, 0);
    element.hidden = false;
  }

  release(): void {
    this.element.hidden = true;
  }
}
