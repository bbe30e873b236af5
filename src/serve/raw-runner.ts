import { AdaptorBank } from '../adaptor/bank.js';
import { Serving } from '../adaptor/serving.js';
import { readFile } from '../common/read-file.js';
import { StreamDetector } from '../distort/detect/stream.js';
import { CLEAN } from '../distort/level.js';
import { pictureFor } from '../eval/picture-tensor.js';
import { rawOutputs } from '../eval/raw-outputs.js';
import { type Checkpoint, loadCheckpoint, networkOf } from '../models/checkpoint.js';
import type { Network } from '../models/network.js';
import { decodeFrame } from './frame.js';
import type { RunnerOptions } from './runner-options.js';
import { LevelTracker } from './tracker.js';

export interface RawRunnerOptions extends Pick<
  RunnerOptions,
  'checkpoint' | 'adaptors' | 'reference' | 'size' | 'calibration' | 'warn'
> {
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
  /** Levels at which the base answers, as no adaptor is better there. */
  private readonly bases = new Set<string>();

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
      if (level !== undefined) await runner.addAll(adaptors, base);
      return runner;
    } catch (error) {
      runner.dispose();
      throw error;
    }
  }

  /** @throws E_IMAGE_DECODE, E_ADAPTOR_LEVEL for a level that no adaptor is near, and the system's error */
  async answer(path: string): Promise<RawAnswer> {
    const tracked = await this.levelOf(path);
    const level = tracked !== null && this.bases.has(tracked) ? null : tracked;
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

  private async addAll(adaptors: string, base: Checkpoint): Promise<void> {
    const serving = await Serving.open(adaptors, base, this.options.calibration);
    for (const { level, adaptor, share } of await serving.all()) {
      if (adaptor) this.bank.addAdaptor(adaptor, share);
      else this.bases.add(level);
    }
    for (const note of serving.notes) this.options.warn?.(note);
  }

  private async levelOf(path: string): Promise<string | null> {
    const { level, size, reference } = this.options;
    if (level === undefined) return null;
    const tracker = new LevelTracker({ levels: [...this.bank.levels, ...this.bases], size });
    if (level !== 'auto') return tracker.next({}, level).level;
    const { bytes, stored, pixels } = await decodeFrame(await readFile(path));
    return tracker.next(new StreamDetector({ size, reference }).detect({ bytes, pixels: stored, upright: pixels }))
      .level;
  }
}
