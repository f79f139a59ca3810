/** The player of the page, for tools beside it: where it is, and to send it somewhere. */
export class BesidePlayer {
  /** The position once the video is there; until the first press there is none. */
  get positionS(): number | null {
    return this.video?.currentTime ?? null;
  }

  get isPlaying(): boolean {
    return this.video ? !this.video.paused : false;
  }

  private get video(): HTMLVideoElement | null {
    return document.querySelector<HTMLVideoElement>(".player video");
  }

  /** Plays from a second on; opens the player if nobody has yet. */
  play(fromS: number): void {
    this.withVideo((video) => {
      const go = () => {
        video.currentTime = fromS;
        video.play().catch(() => undefined);
      };
      if (video.readyState > 0) go();
      else video.addEventListener("loadedmetadata", go, { once: true });
    });
  }

  toggle(): void {
    this.withVideo((video) => {
      if (video.paused) video.play().catch(() => undefined);
      else video.pause();
    });
  }

  /** Calls `onTime` as it plays, also for a video that is opened later. */
  watch(onTime: (positionS: number) => void): void {
    window.setInterval(() => {
      if (this.video && !this.video.paused) onTime(this.video.currentTime);
    }, 200);
  }

  private withVideo(act: (video: HTMLVideoElement) => void): void {
    if (this.video) return act(this.video);
    document.querySelector<HTMLButtonElement>(".player__start")?.click();
    const started = Date.now();
    const timer = window.setInterval(() => {
      if (this.video) act(this.video);
      if (this.video || Date.now() - started > 20_000) window.clearInterval(timer);
    }, 100);
  }
}
