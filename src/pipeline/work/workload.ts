/** Work of one kind that a step consists of, and how one unit of it is measured: what estimates are made from. */
export interface Workload {
  /** As estimates name it: `training step, whole network`. */
  kind: string;
  /** Work of the same key is measured once; of the same kind, but several keys, a mean is shown. Default: the kind. */
  key?: string;
  /** Images that it passes over. */
  images: number;
  /** How often. Default: once. */
  passes?: number;
  /** Units, where they are known, in place of the passes. */
  units?: number;
  /** Does a little of it, leaving nothing but files in the given folder. */
  measure(context: MeasureContext): Promise<Measured>;
}

/** What a measurement works with. */
export interface MeasureContext {
  /** A folder of its own, where results will lie too; removed afterwards. */
  folder: string;
  signal?: AbortSignal;
}

/** One unit of work, measured. */
export interface Measured {
  /** Images in a unit; a rest that does not fill one is left out. */
  images: number;
  /** Seconds of a unit as it will run. */
  seconds: number;
  /** What was done for that, and what it is not. */
  how: string;
  /** Bytes on disk that a unit leaves. */
  bytes?: number;
}

/** Units of some work, once it has been measured. */
export function unitsOf({ images, passes = 1, units }: Workload, measured: Pick<Measured, 'images'>): number {
  return units ?? passes * Math.floor(images / measured.images);
}

/** `0.0123` -> `0.012 s`: three digits. */
export function formatSeconds(seconds: number): string {
  return `${Number(seconds.toPrecision(3))} s`;
}
