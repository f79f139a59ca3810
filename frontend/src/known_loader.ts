import Hls, { type HlsConfig, type Loader, type LoaderContext } from "#hls";
import type { Came, FirstBytes } from "./first_bytes";

type LoaderClass = new (config: HlsConfig) => Loader<LoaderContext>;
type Load = Parameters<Loader<LoaderContext>["load"]>;

/** Returns hls.js's own loader, but what is known already is not asked for again. */
export function knowingLoader(known: FirstBytes): LoaderClass {
  const Base = Hls.DefaultConfig.loader as LoaderClass;

  return class extends Base {
    private isGone = false;

    override load(...load: Load): void {
      const [context] = load;
      const { url, rangeStart = 0, rangeEnd = 0 } = context;
      const text = rangeEnd ? undefined : known.takeText(url);
      const bytes = rangeEnd ? known.find(url, rangeStart, rangeEnd) : undefined;
      if (text !== undefined) {
        const now = performance.now();
        const came = { askedMs: now, firstMs: now, endMs: now };
        void Promise.resolve().then(() => this.answer(text, text.length, came, load));
      } else if (bytes) {
        bytes.then(
          (came) => this.answer(came.data, came.data.byteLength, came, load),
          () => this.isGone || super.load(...load),
        );
      } else super.load(...load);
    }

    override abort(): void {
      this.isGone = true;
      super.abort();
    }

    override destroy(): void {
      this.isGone = true;
      super.destroy();
    }

    private answer(
      data: string | ArrayBuffer,
      size: number,
      { askedMs, firstMs, endMs }: Omit<Came, "data">,
      [context, , callbacks]: Load,
    ): void {
      if (this.isGone) return;
      const { stats } = this;
      stats.loading = { start: askedMs, first: firstMs, end: endMs };
      stats.loaded = stats.total = size;
      stats.chunkCount = 1;
      // Whole: what hls.js finds in a playlist it looks up below this address.
      const { href } = new URL(context.url, location.href);
      callbacks.onSuccess({ url: href, data, code: 200 }, stats, context, null);
    }
  };
}
