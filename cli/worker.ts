import { hostname } from 'node:os';
import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import { plural } from '../src/common/plural.js';
import { STEP_KINDS } from '../src/pipeline/step-kinds.js';
import type { EntryOptions } from '../src/queue/step-entry.js';
import type { WorkerEvent } from '../src/queue/worker-options.js';
import { withContext, type Context } from './context.js';
import { addExamples, engineOption, integer, threadsOption } from './options.js';
import { paint, summary } from './output.js';
import { queueOption, storeOption } from './queue-options.js';

interface Options {
  queue: string;
  store: string;
  engine?: 'tensorflow' | 'wasm' | 'cpu';
  gpu?: number;
  kinds?: string[];
  threads?: number;
  once?: boolean;
}

/** Seconds for a step to save itself, and for its worker to hand it back. */
const PATIENCE = 25;

/** `gearnn worker` */
export function register(program: Command): void {
  const command = program
    .command('worker')
    .description('take steps of experiments from a queue and run them, one after the other')
    .addOption(queueOption().makeOptionMandatory())
    .addOption(storeOption().makeOptionMandatory())
    .addOption(engineOption('what computes; steps for another engine are left to other workers'))
    .addOption(
      new Option(
        '--gpu <n>',
        'the graphics card that steps compute on, by its number in nvidia-smi (default: what CUDA_VISIBLE_DEVICES says, or all)',
      ).argParser(integer('--gpu', 0)),
    )
    .addOption(
      new Option(
        '--kinds <names>',
        `kinds of steps that it takes, of ${STEP_KINDS.join(', ')} (default: all)`,
      ).argParser(parseKinds),
    )
    .addOption(threadsOption())
    .option(
      '--once',
      'end when nothing waits that it takes, no other worker is at a step, and no run is open that could add some',
    )
    .action(withContext(work));
  addExamples(
    command,
    'gearnn worker --queue redis://127.0.0.1:6379/0 --store runs/store',
    'gearnn worker --queue redis://queue.example:6379/0 --store s3://bucket/experiments --once',
    'CAMVID=/data/camvid gearnn worker --queue redis://queue.example:6379/0 --store /shared/store --gpu 1 --kinds full,adaptor',
  );
}

/** @throws E_USAGE for a kind that no step has: such a worker would wait for ever */
function parseKinds(text: string): string[] {
  const kinds = text.split(',').map((name) => name.trim());
  const stranger = kinds.find((name) => !(STEP_KINDS as readonly string[]).includes(name));
  if (stranger === undefined) return kinds;
  return fail('E_USAGE', { where: '--kinds', expected: `some of ${STEP_KINDS.join(',')}`, got: `"${stranger}"` });
}

/** A step's event as a line. */
function lineOf({ step, event, why, seconds }: WorkerEvent): string {
  const more = seconds === undefined ? '' : ` in ${seconds.toFixed(1)} s`;
  return `${step}: ${event}${more}${why === undefined ? '' : `: ${why}`}`;
}

async function work(context: Context, options: Options): Promise<void> {
  const { queue, store: place, engine, gpu, kinds, threads, once } = options;
  const [{ runWorker }, { openStore }, { siblingModule }] = await Promise.all([
    import('../src/queue/worker.js'),
    import('../src/pipeline/store/open-store.js'),
    import('../src/common/sibling-module.js'),
  ]);
  const signal = context.interruptible(
    undefined,
    'Stopping: the step is saved and handed back; press Ctrl-C again to quit at once.',
    PATIENCE,
  );
  const name = `${hostname()}:${process.pid}`;
  const store = await openStore(place);
  summary(`worker ${paint('bold', name)} at ${queue.replace(/\/\/[^/@]*@/, '//***@')}, store ${store.place}`);
  const done = await runWorker({
    ...{ queue, store, name, kinds, once, signal },
    process: {
      entry: siblingModule(import.meta.resolve('../src/queue/worker.js'), 'step-entry'),
      parameters: [],
      environment: {
        GEARNN_STEPS: JSON.stringify({ store: place, engine, threads } satisfies EntryOptions),
        // By itself CUDA counts the fastest card first, and nvidia-smi by the bus.
        ...(gpu !== undefined && { CUDA_VISIBLE_DEVICES: String(gpu), CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }),
      },
      onOutput: context.verbose ? (text) => context.note(text.trimEnd()) : undefined,
    },
    onEvent: (event) => summary(lineOf(event)),
    onConnection: (state) => context.note(state === 'lost' ? 'Redis is away; waiting for it' : 'Redis is back'),
  });
  summary(`${plural(done, 'step')} done`);
}
