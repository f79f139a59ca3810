import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, defineConfig, type Plugin } from "vite";

const OUT_DIR = resolve(import.meta.dirname, "../server/static");
const HLS_SRC = resolve(import.meta.dirname, "node_modules/hls.js/src");
const H5P_DIST = resolve(import.meta.dirname, "node_modules/h5p-standalone/dist");
const TARGET = ["chrome90", "safari15", "firefox90"];
const HLS_VERSION = JSON.parse(readFileSync(join(HLS_SRC, "../package.json"), "utf8")).version;

/** Parts of hls.js switched off below; their bytes would stay, as their classes hold statics. */
const SWITCHED_OFF = [
  "eme-controller",
  "cmcd-controller",
  "content-steering-controller",
  "iframe-controller",
  "interstitials-controller",
  "subtitle-stream-controller",
  "subtitle-track-controller",
  "timeline-controller",
  "cues",
];
/** Containers that hls.js can rewrite to fMP4; our parts are fMP4 already. */
const OTHER_CONTAINERS = ["tsdemuxer", "aacdemuxer", "mp3demuxer", "ac3-demuxer", "mp4-remuxer"];

/** Replaces the lists above by one empty class: half of hls.js, which a poor line need not load. */
function slimHls(): Plugin {
  return {
    name: "slim-hls",
    enforce: "pre",
    resolveId(source, importer) {
      const name = source.split("/").at(-1) ?? "";
      const isOfHls = importer?.startsWith(HLS_SRC) ?? false;
      const isUnused =
        SWITCHED_OFF.includes(name) ||
        // The remuxer's own file holds functions that the rest needs.
        (OTHER_CONTAINERS.includes(name) && importer?.endsWith("demux/transmuxer.ts"));
      return isOfHls && isUnused ? resolve(import.meta.dirname, "src/hls_unused.ts") : null;
    },
  };
}

/**
 * Builds what runs inside packages: ordinary scripts, as they must have run before the next one of
 * the page, under names that never change, as pages of packages that were stored long ago name them.
 */
async function buildForPackages(): Promise<void> {
  for (const name of ["scorm12", "scorm2004", "html", "h5p"]) {
    await build({
      configFile: false,
      logLevel: "warn",
      publicDir: false,
      build: {
        outDir: join(OUT_DIR, "package"),
        emptyOutDir: false,
        target: TARGET,
        modulePreload: { polyfill: false },
        rolldownOptions: {
          input: { [name]: resolve(import.meta.dirname, `src/sandbox/${name}.ts`) },
          output: { format: "iife", entryFileNames: "[name].js" },
        },
      },
    });
  }
  cpSync(H5P_DIST, join(OUT_DIR, "package/h5p-standalone"), {
    recursive: true,
    filter: (path) => !/\.(d\.ts|map)$/.test(path),
  });
}

/** Builds the worker of kept lessons: one ordinary script, whose name never changes. */
async function buildWorker(): Promise<void> {
  await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    build: {
      outDir: OUT_DIR,
      emptyOutDir: false,
      target: TARGET,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: { service_worker: resolve(import.meta.dirname, "src/service_worker.ts") },
        output: { format: "iife", entryFileNames: "[name].js" },
      },
    },
  });
}

/** Writes .br and .gz beside every text file, so that the server never compresses. */
function precompress(): void {
  const names = readdirSync(OUT_DIR, { recursive: true, encoding: "utf8" });
  for (const name of names.filter((each) => /\.(js|css|svg|json)$/.test(each))) {
    const path = join(OUT_DIR, name);
    const text = readFileSync(path);
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    writeFileSync(`${path}.br`, brotliCompressSync(text, { params }));
    writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
  }
}

/** Adds the pictures of the help pages, named by content like all else; templates ask the manifest. */
function helpPictures(): Plugin {
  const folder = resolve(import.meta.dirname, "help");
  return {
    name: "help-pictures",
    apply: "build",
    buildStart() {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!name.endsWith(".webp")) continue;
        const source = readFileSync(join(folder, name));
        this.emitFile({ type: "asset", name: basename(name), originalFileName: `help/${name}`, source });
      }
    },
  };
}

function finish(): Plugin {
  return {
    name: "finish",
    apply: "build",
    async closeBundle() {
      await buildForPackages();
      await buildWorker();
      precompress();
    },
  };
}

export default defineConfig({
  base: "/static/",
  plugins: [slimHls(), helpPictures(), finish()],
  resolve: {
    alias: { "#hls": join(HLS_SRC, "hls.ts") },
  },
  define: {
    // hls.js is built from its sources: other audio tracks yes, what we never serve no.
    __VERSION__: JSON.stringify(HLS_VERSION),
    __USE_ALT_AUDIO__: "true",
    __USE_SUBTITLES__: "false",
    __USE_EME_DRM__: "false",
    __USE_CMCD__: "false",
    __USE_CONTENT_STEERING__: "false",
    __USE_VARIABLE_SUBSTITUTION__: "false",
    __USE_INTERSTITIALS__: "false",
    __USE_M2TS_ADVANCED_CODECS__: "false",
    __USE_IFRAMES__: "false",
    __USE_MEDIA_CAPABILITIES__: "false",
    __HLS_WORKER_BUNDLE__: "undefined",
    __IN_WORKER__: "false",
  },
  build: {
    outDir: OUT_DIR,
    emptyOutDir: true,
    manifest: true,
    target: TARGET,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ["src/site.ts", "src/kept.ts", "src/player.ts", "src/upload.ts", "src/embed.ts", "src/document_viewer.ts", "src/caption_editor.ts", "src/chapter_editor.ts", "src/trim_page.ts", "src/package.ts", "src/embed_package.ts", "src/item_editor.ts", "src/item_opened.ts", "src/quiz.ts", "src/hand_in.ts", "src/pasted_names.ts"],
    },
  },
});
