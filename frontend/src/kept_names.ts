/** The cache of the page that shows kept lessons; one more whenever what lies in it changes shape. */
export const SHELL_CACHE = "khlang-kept-1";
/** The page itself. */
export const KEPT_PATH = "/kept";
/** Stands at the root: it answers for every page. */
export const WORKER_PATH = "/service_worker.js";
