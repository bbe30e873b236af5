import type { Dataset, Sample } from '../../../../src/data/dataset.js';
import { labelMaps } from '../../../../src/tasks/segmentation/targets.js';
import type { LabelMap } from '../../../../src/image/pixels.js';
import { GearnnError } from '../../../../src/common/errors.js';

/** What the samples of {@link numbered} do when they are read. */
export interface NumberedArguments {
  count: number;
  /** Heights by sample; 4 unless said. */
  heights?: Record<number, number>;
  /** Milliseconds until a sample is read. */
  slow?: Record<number, number>;
  fails?: Record<number, 'gearnn' | 'system' | 'other' | 'exit' | 'throw-later' | 'never'>;
  /** Appended to for each image read. */
  log?: string;
  openFails?: boolean;
}

/** A dataset of 4x4 images whose every value is the sample's number, for tests of how batches are made. */
export default async function numbered(args: unknown): Promise<Dataset> {
  const { count, heights = {}, slow = {}, fails = {}, log, openFails } = args as NumberedArguments;
  const { isMainThread } = await import('node:worker_threads');
  if (openFails && !isMainThread) throw new Error('opening failed');
  const sizeOf = (number: number): { width: number; height: number } => ({ width: 4, height: heights[number] ?? 4 });
  const readLabel = async (sample: Sample): Promise<LabelMap> => {
    const { width, height } = sizeOf(Number(sample.id));
    return { data: new Uint8Array(width * height).fill(Number(sample.id)), width, height };
  };
  return {
    spec: 'numbered',
    name: 'numbered',
    root: null,
    classes: [],
    ignore: 255,
    targets: labelMaps(255),
    splits: ['train'],
    samples: () => Array.from({ length: count }, (_, i) => ({ id: String(i), image: '', label: '' })),
    async readImage(sample: Sample) {
      const number = Number(sample.id);
      if (log) await (await import('node:fs/promises')).appendFile(log, `${number}\n`);
      await new Promise((resolve) => setTimeout(resolve, slow[number] ?? 0));
      await misbehave(fails[number]);
      const { width, height } = sizeOf(number);
      return { data: new Uint8Array(width * height * 3).fill(number), width, height, channels: 3 };
    },
    readTarget: readLabel,
    readLabel,
  };
}

async function misbehave(how: NonNullable<NumberedArguments['fails']>[number] | undefined): Promise<void> {
  switch (how) {
    case 'gearnn': {
      const parts = { where: 'a.png', expected: 'an image', got: 'none', todo: 'Mend it.', cause: new Error('deep') };
      throw new GearnnError('E_IMAGE_DECODE', parts);
    }
    case 'system':
      throw Object.assign(new Error('EACCES: no'), { code: 'EACCES', path: '/a.png' });
    case 'other':
      throw new TypeError('a fault');
    case 'exit':
      return process.exit(7);
    case 'throw-later':
      setTimeout(() => {
        throw new Error('from nowhere');
      }, 0);
      return new Promise(() => {});
    case 'never':
      return new Promise(() => {});
    default:
  }
}
