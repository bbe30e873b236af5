import { AdaptorBank } from '../adaptor/bank.js';
import { loadAdaptor } from '../adaptor/file.js';
import { listAdaptors } from '../adaptor/list.js';
import { readFile } from '../common/read-file.js';
import { StreamDetector } from '../distort/detect/stream.js';
import { CLEAN } from '../distort/level.js';
import { pictureFor } from '../eval/picture-tensor.js';
import { rawOutputs } from '../eval/raw-outputs.js';
import { loadCheckpoint, networkOf } from '../models/checkpoint.js';
import type { Network } from '../models/network.js';
import { decodeFrame } from './frame.js';
import type { RunnerOptions } from './runner-options.js';
import { LevelTracker } from './tracker.js';

export interface RawRunnerOptions extends Pick<RunnerOptions, 'checkpoint' | 'adaptors' | 'reference' | 'size'> {
  /** Of every picture; `auto`: each one's own. Default: the base answers all. */
  level?: string;
}

/** All outputs of one picture. */
export interface RawAnswer {
  /** Level of the adaptor that answered; `clean` for the base. */
  level: string;
  /** Of the outputs. */
  names: string[];
  /** A NumPy archive of them. */
  bytes: Uint8Array;
}

/** A network that answers pictures with all that it puts out, as it is. */
export class RawRunner {
  private constructor(
    private readonly network: Network,
    private readonly bank: AdaptorBank,
    private readonly options: RawRunnerOptions,
  ) {}

  /** On the running engine. @throws E_CHECKPOINT, E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH */
  static async load(options: RawRunnerOptions): Promise<RawRunner> {
    const { checkpoint, adaptors = checkpoint, level } = options;
    const base = await loadCheckpoint(checkpoint);
    const network = networkOf(base);
    const runner = new RawRunner(network, new AdaptorBank(network), options);
    try {
      const folders = level === undefined ? [] : await listAdaptors(adaptors);
      for (const { folder } of folders) runner.bank.addAdaptor(await loadAdaptor(folder, base));
      return runner;
    } catch (error) {
      runner.dispose();
      throw error;
    }
  }

  /** @throws E_IMAGE_DECODE, E_ADAPTOR_LEVEL for a level that no adaptor is near, and the system's error */
  async answer(path: string): Promise<RawAnswer> {
    const level = await this.levelOf(path);
    this.bank.swap(level);
    const images = await pictureFor(this.network, path);
    try {
      return { level: level ?? CLEAN.text, ...rawOutputs(this.network, images) };
    } finally {
      images.dispose();
    }
  }

  dispose(): void {
    this.bank.dispose();
    this.network.dispose();
  }

  private async levelOf(path: string): Promise<string | null> {
    const { level, size, reference } = this.options;
    if (level === undefined) return null;
    const tracker = new LevelTracker({ levels: this.bank.levels, size });
    if (level !== 'auto') return tracker.next({}, level).level;
    const { bytes, stored, pixels } = await decodeFrame(await readFile(path));
    return tracker.next(new StreamDetector({ size, reference }).detect({ bytes, pixels: stored, upright: pixels }))
      .level;
  }
}
