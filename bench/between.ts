import { openDataset } from '../src/data/registry.js';
import { encodeDistorted } from '../src/distort/distort.js';
import { parseLevel } from '../src/distort/level.js';
import { startEngine } from '../src/engine/start.js';
import { ConfusionMatrix } from '../src/tasks/segmentation/confusion.js';
import { scoresOf } from '../src/tasks/segmentation/iou.js';
import { AdaptiveRunner, type RunnerOptions } from '../src/serve/runner.js';

export interface BetweenRow {
  level: string;
  /** Mean IoU of the base, the nearest other level's adaptor, and the two neighbours' blend. */
  original: number;
  nearest: number;
  interpolated: number;
  /** Of the level's own adaptor, where there is one. */
  own: number | null;
  /** What answered: the nearest level, and the two of the blend with the share of the second. */
  by: string;
}

export interface BetweenOptions {
  checkpoint: string;
  adaptors: string;
  data: string;
  /** Levels of JPEG to answer without their own adaptors. */
  levels: string[];
  /** Images of the validation split. */
  images: number;
}

/** A JPEG quality between two trained ones: the nearer adaptor against the blend of both, and against its own. */
export async function benchBetween(options: BetweenOptions): Promise<BetweenRow[]> {
  const { checkpoint, adaptors, data, levels, images } = options;
  await startEngine({ engine: 'tensorflow' });
  const dataset = await openDataset(data);
  const samples = dataset.samples('val').slice(0, images);
  const rows: BetweenRow[] = [];
  for (const level of levels) {
    const frames = await Promise.all(
      samples.map(async (sample) => ({
        file: await encodeDistorted(await dataset.readImage(sample), parseLevel(level)),
        label: (await dataset.readLabel(sample)).data,
      })),
    );
    let by = '';
    const score = async (between: RunnerOptions['between'], how: 'base' | 'others' | 'own'): Promise<number | null> => {
      const runner = await AdaptiveRunner.load({ checkpoint, adaptors, between });
      const hasOwn = runner.levels.includes(level);
      if (hasOwn && how === 'others') runner.remove(level);
      const confusion = new ConfusionMatrix(dataset.classes.length);
      if (how !== 'own' || hasOwn) {
        for (const { file, label } of frames) {
          const answer = await runner.infer(file, how === 'base' ? { level: 'clean' } : {});
          confusion.add(label, answer.mask, dataset.ignore);
          if (how === 'others' && between === 'nearest') by = answer.level;
          else if (answer.mixed && !by.includes(' '))
            by = `${by}, ${answer.mixed.levels.join(' + ')} (${answer.mixed.share.toFixed(2)})`;
        }
      }
      runner.dispose();
      return how === 'own' && !hasOwn ? null : scoresOf(confusion).miou;
    };
    const original = (await score('nearest', 'base'))!;
    const nearest = (await score('nearest', 'others'))!;
    const interpolated = (await score('interpolate', 'others'))!;
    rows.push({ level, original, nearest, interpolated, own: await score('nearest', 'own'), by });
  }
  return rows;
}
