/** A stretch of the original that is shown: from, to, in seconds. */
export type Range = readonly [number, number];

/** Returns when a moment of the original is shown; of one that is cut out, when the cut is. */
export function toShown(ranges: readonly Range[] | undefined, originalS: number): number {
  if (!ranges?.length) return originalS;
  let beforeS = 0;
  for (const [fromS, toS] of ranges) {
    if (originalS < toS) return beforeS + Math.max(0, originalS - fromS);
    beforeS += toS - fromS;
  }
  return beforeS;
}

/** Returns the moment of the original that is shown then. */
export function toOriginal(ranges: readonly Range[] | undefined, shownS: number): number {
  if (!ranges?.length) return shownS;
  let leftS = shownS;
  for (const [fromS, toS] of ranges) {
    if (leftS < toS - fromS) return fromS + leftS;
    leftS -= toS - fromS;
  }
  return ranges[ranges.length - 1]?.[1] ?? shownS;
}

/** Returns the ranges of the original that are shown from one moment to the other. */
export function originalRanges(
  ranges: readonly Range[] | undefined,
  fromS: number,
  toS: number,
): Range[] {
  if (!ranges?.length) return [[fromS, toS]];
  const found: Range[] = [];
  let beforeS = 0;
  for (const [beginS, endS] of ranges) {
    const first = Math.max(fromS - beforeS, 0);
    const last = Math.min(toS - beforeS, endS - beginS);
    if (first < last) found.push([beginS + first, beginS + last]);
    beforeS += endS - beginS;
  }
  return found;
}
