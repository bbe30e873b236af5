import { Argument, Option, type Command } from 'commander';
import { withContext, type Context } from './context.js';
import {
  addAutoEngineOptions,
  addExamples,
  classesOption,
  integer,
  jsonOption,
  sizeOption,
  widthOption,
  type AutoEngineFlags,
} from './options.js';
import { printJson, stdout } from './output.js';

interface Options extends AutoEngineFlags {
  model: string;
  classes: number;
  width: number;
  size: [number, number];
  batch: number;
  steps: number;
  checkpoint?: string;
  adaptors?: string;
}

/** `gearnn bench`: what a training step, a forward pass or a swap takes on this machine. */
export function register(program: Command): void {
  const command = program
    .command('bench')
    .description('time training steps or forward passes of a network on made-up frames, or swaps of adaptors')
    .addArgument(new Argument('<what>', 'what to time').choices(['train', 'infer', 'swap']))
    .addOption(new Option('--model <name>', 'network').default('drn-d-22'))
    .addOption(classesOption().default(19))
    .addOption(widthOption())
    .addOption(sizeOption().default([256, 512], '256x512'))
    .addOption(new Option('--batch <n>', 'frames at once').default(2).argParser(integer('--batch', 1)))
    .addOption(
      new Option('--steps <n>', 'runs that are timed, after two to warm up')
        .default(5)
        .argParser(integer('--steps', 1)),
    )
    .option('--checkpoint <dir>', 'of swap: the base')
    .option('--adaptors <dir>', "of swap: folder of adaptors (default: the checkpoint's)")
    .addOption(jsonOption());
  addAutoEngineOptions(command);
  command.action(
    withContext(async (context: Context, what: 'train' | 'infer' | 'swap', options: Options) => {
      const { openEngine } = await import('./engine-start.js');
      const engine = await openEngine(context, options);
      if (what === 'swap') return benchSwap(context, options);
      const { timeTraining, timeInference } = await import('../src/train/timing.js');
      const { model: name, classes, width, size, batch, steps } = options;
      const time = what === 'train' ? timeTraining : timeInference;
      const seconds = await time({ network: { name, classes, width }, size, batch, steps });
      const sorted = [...seconds].sort((a, b) => a - b);
      const key = what === 'train' ? 'secondsPerStep' : 'secondsPerBatch';
      const { precision, threads } = engine;
      const { memoryUse } = await import('../src/engine/memory.js');
      const { resident, peak } = memoryUse();
      const [residentMegabytes, peakMegabytes] = [resident, peak].map((bytes) => Math.round(bytes / 2 ** 20));
      if (context.json) {
        return printJson({ [key]: seconds, engine: engine.name, precision, threads, residentMegabytes, peakMegabytes });
      }
      const median = sorted[Math.floor(sorted.length / 2)]!;
      stdout(
        `${what} ${name} ${size.join('x')} batch ${batch}: median ${median.toFixed(3)} s, best ${sorted[0]!.toFixed(3)} s ` +
          `(${engine.name} ${engine.version}, ${precision}, ${threads} threads, ${residentMegabytes} MB resident, ${peakMegabytes} at the peak)`,
      );
    }),
  );
  addExamples(
    command,
    'gearnn bench train --model drn-d-22 --size 256x512 --batch 2 --steps 5',
    'gearnn bench infer --model drn-d-22 --size 256x512 --batch 1 --precision bf16 --json',
    'gearnn bench swap --checkpoint checkpoints/demo --adaptors checkpoints/demo/adaptors',
  );
}

async function benchSwap(context: Context, { checkpoint, adaptors }: Options): Promise<void> {
  const { fail } = await import('../src/common/errors.js');
  if (checkpoint === undefined) {
    return fail('E_USAGE', { where: 'bench swap', expected: '--checkpoint DIR', got: 'none', todo: 'Name the base.' });
  }
  const { timeSwaps } = await import('../src/serve/swap-timing.js');
  const timing = await timeSwaps(checkpoint, adaptors ?? checkpoint);
  if (context.json) return printJson(timing);
  const { levels, swapMicroseconds, diskLoadMilliseconds, residentBytes, switchingBytes } = timing;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  stdout(
    `${levels} levels: swap median ${swapMicroseconds.p50.toFixed(1)} us, 99% ${swapMicroseconds.p99.toFixed(1)} us; ` +
      `a whole network from disk ${diskLoadMilliseconds.toFixed(0)} ms\n` +
      `resident: ${megabytes(residentBytes)}; with a whole network per level ${megabytes(switchingBytes)}`,
  );
}
