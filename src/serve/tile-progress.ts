import type { Progress } from '../common/progress.js';
import type { Watch } from '../eval/runs.js';

/** Milliseconds that a picture may take in silence. */
const SILENT = 2000;

/** Which picture of how many is in hand. */
export interface Place {
  /** Of the picture. */
  name: string;
  /** Pictures answered before, of `total`. */
  done: number;
  total: number;
}

/**
 * Reports the tiles of a picture that takes its time: a lone picture's as a task of their own, else as a figure beside those of the pictures.
 *
 * @returns for {@link Watch.onRun}
 */
export function tileProgress(progress: Progress | undefined, { name, done, total }: Place): Watch['onRun'] {
  if (!progress) return undefined;
  const start = performance.now();
  return (runs) => {
    if (performance.now() - start < SILENT) return;
    if (total === 1) progress({ task: `infer ${name}`, ...runs, unit: 'tiles' });
    else
      progress({
        task: 'infer',
        done,
        total,
        unit: 'images',
        values: { tiles: `${runs.done}/${runs.total} of ${name}` },
      });
  };
}
