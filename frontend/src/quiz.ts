import { mountQuizzes } from "./quiz_form";

/** When the page had come, by the clock of `performance.now()`: never before it was made. */
function arrivedMs(): number {
  const [page] = performance.getEntriesByType("navigation");
  return page instanceof PerformanceNavigationTiming ? page.responseStart : performance.now();
}

mountQuizzes(document, arrivedMs());
