import { startEngine } from '../../src/engine/start.js';
import { memoryUse } from '../../src/engine/memory.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';

export interface RunnerMemoryOptions {
  checkpoint: string;
  adaptors: string;
  size: { height: number; width: number };
  /** How many frames are answered, each at another level than the one before. */
  frames: number;
}

/** Bytes of this process after the engine's start, after loading and after all frames, and at the peak. */
export type RunnerMemory = Record<'engine' | 'loaded' | 'answered' | 'peak', number>;

/** What an adaptive runner takes, in a process that does nothing else. */
export async function benchRunnerMemory(options: RunnerMemoryOptions): Promise<RunnerMemory> {
  const { checkpoint, adaptors, size, frames } = options;
  await startEngine();
  const engine = memoryUse().resident;
  const runner = await AdaptiveRunner.load({ checkpoint, adaptors });
  const loaded = memoryUse().resident;
  const data = Uint8Array.from({ length: size.height * size.width * 3 }, (_, i) => (i * 2_654_435_761) >>> 24);
  for (let i = 0; i < frames; i++) {
    const level = runner.levels[i % runner.levels.length];
    await runner.infer({ data, ...size, channels: 3 }, { level });
  }
  const { resident, peak } = memoryUse();
  runner.dispose();
  return { engine, loaded, answered: resident, peak };
}
