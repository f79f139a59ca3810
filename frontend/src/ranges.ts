import type { Range } from "./timeline";

/** Returns what lies in one or the other, in order and apart. */
export function union(some: readonly Range[], others: readonly Range[]): Range[] {
  const sorted = [...some, ...others].sort((one, other) => one[0] - other[0]);
  const joined: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (from < to) joined.push([from, to]);
  }
  return joined;
}

/** Returns what of `ranges` does not lie in `others`. */
export function without(ranges: readonly Range[], others: readonly Range[]): Range[] {
  let left = [...ranges];
  for (const [from, to] of others) {
    left = left.flatMap(([begin, end]): Range[] => [
      [begin, Math.min(end, from)],
      [Math.max(begin, to), end],
    ]).filter(([begin, end]) => begin < end);
  }
  return left;
}
