/** Width and height of a frame, in pixels. */
export interface Size {
  width: number;
  height: number;
}

/**
 * The size that a resolution names: `512x256`, or `0.5x` of a reference.
 *
 * @param reference the size that a checkpoint or stream counts as undistorted; without it `0.5x` names none
 * @returns undefined if `text` names none; not rounded to whole pixels
 */
export function parseSize(text: string, reference?: Size): Size | undefined {
  const absolute = /^(\d+)x(\d+)$/.exec(text);
  if (absolute) return positive({ width: Number(absolute[1]), height: Number(absolute[2]) });
  const relative = /^(\d+\.?\d*|\.\d+)x$/.exec(text);
  if (!relative || !reference) return undefined;
  const scale = Number(relative[1]);
  return positive({ width: scale * reference.width, height: scale * reference.height });
}

function positive(size: Size): Size | undefined {
  return size.width > 0 && size.height > 0 ? size : undefined;
}

/** The size of a frame as a resolution is written: `512x256`. */
export function formatSize({ width, height }: Size): string {
  return `${width}x${height}`;
}
