import { clockTime } from "./clock_time";
import { button, make } from "./dom";
import type { Chapter } from "./player_config";
import { chapterAt } from "./preview";

/** Returns the list of chapters, each a button that goes there; the present one is marked. */
export function chapterList(
  heading: string,
  chapters: Chapter[],
  positionS: number,
  onSeek: (positionS: number) => void,
): Node[] {
  const current = chapterAt(chapters, positionS);
  const rows = chapters.map((chapter) => {
    const go = button("player__row", chapter.title, () => onSeek(chapter.startS));
    go.prepend(make("span", "player__row-time", {}, clockTime(chapter.startS)));
    if (chapter === current) go.setAttribute("aria-current", "true");
    return make("li", "", {}, go);
  });
  return [make("p", "player__legend", {}, heading), make("ol", "player__rows", {}, ...rows)];
}
