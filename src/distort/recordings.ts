import { fail } from '../common/errors.js';
import { sha256 } from '../common/files.js';
import type { Dataset, Sample } from '../data/dataset.js';
import type { Pixels } from '../image/pixels.js';
import { formatLevel, type Level } from './level.js';
import { sourceImage } from './source-files.js';

/** Consecutive frames that are coded as a whole, those that nobody asks for among them: a frame looks the same whatever is asked for. */
export class Recording {
  private content: Promise<string> | undefined;
  private readonly positions: ReadonlyMap<string, number>;

  constructor(
    private readonly dataset: Dataset,
    readonly frames: readonly Sample[],
  ) {
    this.positions = new Map(frames.map((frame, i) => [sampleKey(frame), i]));
  }

  /** Names it in errors: its first frame. */
  get where(): string {
    return `sequence from ${sampleKey(this.frames[0]!)}`;
  }

  /** What a frame's picture follows from: the content of all frames in their order, and which of them it is. */
  async hashOf(frame: Sample): Promise<string> {
    this.content ??= this.hashFrames();
    return sha256(`${this.positions.get(sampleKey(frame))} of ${await this.content}`);
  }

  /** The clean pictures, read one by one. */
  async *pictures(): AsyncGenerator<Pixels, void> {
    for (const frame of this.frames) yield await (await sourceImage(this.dataset, frame)).read();
  }

  private async hashFrames(): Promise<string> {
    const hashes: string[] = [];
    for (const frame of this.frames) hashes.push((await sourceImage(this.dataset, frame)).hash);
    return sha256(hashes.join('\n'));
  }
}

/** What names a frame within its dataset. */
export function sampleKey({ image, id }: Sample): string {
  return image || id;
}

/** The recordings of a dataset, by {@link sampleKey} of each of their frames; none where nothing says which images are frames. */
export async function findRecordings(dataset: Dataset): Promise<Map<string, Recording>> {
  const found = new Map<string, Recording>();
  for (const frames of (await dataset.recordings?.find()) ?? []) {
    if (frames.length < 2) continue;
    const recording = new Recording(dataset, frames);
    for (const frame of frames) found.set(sampleKey(frame), recording);
  }
  return found;
}

/**
 * Makes sure that every sample is one of several frames, for a level that codes them together.
 *
 * @param found the dataset's recordings
 * @throws E_DISTORT_SEQUENCE
 */
export function requireRecordings(
  { recordings, spec }: Dataset,
  found: ReadonlyMap<string, Recording>,
  samples: readonly Sample[],
  level: Level,
): void {
  const wanted = [...new Set(samples.map(sampleKey))];
  const lone = wanted.filter((key) => !found.has(key));
  if (lone.length === 0) return;
  const alone = formatLevel(level.steps.map(({ kind, value }) => ({ kind, value })));
  const advice = recordings?.todo ?? 'Give a list: dataset whose dataset.json has a frameGap (docs/formats.md)';
  const images = `${lone.length} of ${wanted.length} images without such neighbours, ${lone[0]!} the first`;
  fail('E_DISTORT_SEQUENCE', {
    where: spec,
    expected: `consecutive frames, which ${level.text} codes together${recordings ? `: ${recordings.rule}` : ''}`,
    got: recordings ? images : 'images that nothing says are frames',
    todo: `${advice}, or use ${alone}, which codes each picture alone.`,
  });
}
