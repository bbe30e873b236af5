import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import { plural } from '../src/common/plural.js';
import type { RunLogOptions } from '../src/train/log/open.js';
import type { RunLog } from '../src/train/log/run-log.js';
import type { RunOutcome } from '../src/train/run.js';
import type { RunOptions } from '../src/train/run-options.js';
import type { Context } from './context.js';
import { openEngine } from './engine-start.js';
import { keepInputs, type Inputs } from './keep-inputs.js';
import {
  addEngineOptions,
  dataOption,
  decimal,
  forceOption,
  integer,
  jsonOption,
  seedOption,
  sizeOption,
  workersOption,
  type EngineFlags,
} from './options.js';
import { paint, summary } from './output.js';

/** What {@link addTrainingOptions} adds, as commander hands it over. */
export interface TrainingFlags extends EngineFlags {
  data: string;
  samples?: string;
  validate?: string;
  size?: [height: number, width: number];
  batch?: number;
  epochs?: number;
  steps?: number;
  learningRate?: number;
  schedule?: string;
  optimizer?: 'sgd' | 'adam';
  warmup?: number;
  clip?: number;
  average?: number;
  momentum?: number;
  weightDecay?: number;
  scale?: [min: number, max: number];
  flip?: boolean;
  statistics?: 'precise';
  seed: number;
  storage: 'fp32' | 'fp16';
  out: string;
  resume?: boolean;
  force?: boolean;
  log?: string;
  tensorboard?: string;
  workers?: number;
}

/** What stands behind an option's description where the two commands differ. */
export interface TrainingDefaults {
  epochs: string;
  learningRate: string;
  /** Of `--steps`. Default: 1. */
  fewestSteps?: number;
  /** Of batch, size, flips, momentum and weight decay. */
  others: (own: string) => string;
}

/** The options that `train` and `finetune` share. */
export function addTrainingOptions(command: Command, defaults: TrainingDefaults): Command {
  const { others } = defaults;
  const number = (flags: string, name: string, what: string, usual: string, parse: (text: string) => number): Option =>
    new Option(`${flags} <${name}>`, `${what} (default: ${usual})`).argParser(parse);
  command
    .addOption(dataOption().makeOptionMandatory())
    .requiredOption('--out <dir>', 'folder for the results')
    .option('--samples <slice>', 'what to train on: train, train[0:300], 300, all[drive!=NAME] (default: train)')
    .option(
      '--validate <slice>',
      'measure mIoU, or top-1, after every epoch on these samples: 50 (the first of val), val, train[300:]',
    )
    .addOption(sizeOption(`height and width of training crops (default: ${others('whole images')})`))
    .addOption(number('--batch', 'n', 'images per optimizer step', others('4'), integer('--batch', 1)))
    .addOption(number('--epochs', 'n', 'passes over the samples', defaults.epochs, integer('--epochs', 1)))
    .addOption(
      new Option('--steps <n>', 'optimizer steps in all, in place of epochs: the last one may end early')
        .conflicts('epochs')
        .argParser(integer('--steps', defaults.fewestSteps ?? 1)),
    )
    .addOption(
      number('--learning-rate', 'rate', 'rate at the start', defaults.learningRate, decimal('--learning-rate', 0)),
    )
    .option(
      '--schedule <name>',
      'how the rate falls: poly[:POWER], step[:EPOCHS[:FACTOR]] or constant (default: poly:0.9)',
    )
    .addOption(
      new Option('--optimizer <name>', 'how weights follow their gradients (default: sgd)').choices(['sgd', 'adam']),
    )
    .addOption(number('--warmup', 'steps', 'steps in which the rate rises from near 0', '0', integer('--warmup', 0)))
    .addOption(
      number(
        '--clip',
        'norm',
        'bring the gradients, taken together, to this norm where they are above it',
        'they stay',
        decimal('--clip', Number.MIN_VALUE),
      ),
    )
    .addOption(
      number(
        '--average',
        'share',
        'end as the mean over this share of the steps, the last ones',
        'as the last step left it',
        decimal('--average', 0, 1),
      ),
    )
    .addOption(
      number(
        '--momentum',
        'share',
        'share of the last update that is kept',
        others('0.9'),
        decimal('--momentum', 0, 1),
      ),
    )
    .addOption(number('--weight-decay', 'rate', 'pull towards zero', others('0.0001'), decimal('--weight-decay', 0)))
    .addOption(
      new Option('--scale <min:max>', `random factor on the images' size (default: ${others('none')})`).argParser(
        parseScale,
      ),
    )
    .addOption(new Option('--flip', `mirror every second image (default: ${others('on')})`))
    .addOption(new Option('--no-flip', 'never mirror'))
    .addOption(
      new Option(
        '--statistics <how>',
        'what running statistics are at the end: precise, means over one more epoch (default: averages that favour the last batches)',
      ).choices(['precise']),
    )
    .addOption(seedOption())
    .addOption(new Option('--storage <type>', 'how weights are stored').choices(['fp32', 'fp16']).default('fp32'))
    .option('--resume', 'go on with an interrupted run; it ends with the same weights as an uninterrupted one')
    .addOption(forceOption())
    .option('--log <file>', 'write a line of JSON for every step and epoch')
    .option('--tensorboard <dir>', 'write an event file for TensorBoard')
    .addOption(workersOption())
    .addOption(jsonOption());
  return addEngineOptions(command);
}

/**
 * Runs a training with what its flags ask for: engine, logs, Ctrl-C.
 *
 * @param inputs what it reads beside the data
 */
export async function withTraining<T extends RunOutcome>(
  context: Context,
  flags: TrainingFlags,
  train: (options: RunOptions) => Promise<T>,
  inputs: Inputs = {},
): Promise<T & { warnings: string[] }> {
  const signal = context.interruptible(resumeLine(process.argv.slice(2)));
  const { parseSlice } = await import('../src/data/slice.js');
  const { parseSchedule } = await import('../src/train/schedule.js');
  const { samples, validate, schedule, log: file, tensorboard, ...rest } = flags;
  const options = {
    ...rest,
    samples: samples === undefined ? undefined : parseSlice(samples, 'train', '--samples'),
    validate: validate === undefined ? undefined : parseSlice(validate, 'val', '--validate'),
    schedule: schedule === undefined ? undefined : parseSchedule(schedule),
  };
  const { RESULTS } = await import('../src/train/run-folder.js');
  const results = RESULTS.map((name) => join(flags.out, name));
  await keepInputs({ files: { '--out': results, '--log': file } }, { ...inputs, data: { '--data': flags.data } });
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
    context.note(`warning: ${message}`);
  };
  const log = await openLogs({ file, tensorboard, onStop: warn }, flags);
  const engine = await openEngine(context, flags);
  try {
    const outcome = await train({ ...options, engine, log, signal, warn, progress: context.progress });
    return { ...outcome, warnings };
  } finally {
    log.close();
  }
}

/** The last lines of a training: where the result is, and how it went. */
export function printOutcome({ record, alreadyDone }: RunOutcome, what: string): void {
  if (alreadyDone) return summary(`${what} was finished before; nothing is left to do.`);
  const { history, steps, seconds } = record;
  if (steps === 0) return summary(`${paint('bold', what)}: what training would start from; nothing was trained`);
  const { loss, miou, top1 } = history.at(-1)!;
  const named = Object.entries({ loss, mIoU: miou, 'top-1': top1 });
  const scores = named.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value.toFixed(4)}`]));
  summary(
    `${paint('bold', what)}: ${plural(history.length, 'epoch')}, ${plural(steps, 'step')} in ${Math.round(seconds)} s; ${scores.join(', ')}`,
  );
}

async function openLogs(
  logs: Pick<RunLogOptions, 'file' | 'tensorboard' | 'onStop'>,
  { resume, force }: TrainingFlags,
): Promise<RunLog> {
  const { combineLogs, openRunLogs } = await import('../src/train/log/open.js');
  return combineLogs(openRunLogs({ ...logs, keep: !resume && !force }));
}

/** The command line that goes on from here: the same without `--force`, which would throw away what is done by then. */
export function resumeLine(argv: string[]): string {
  const kept = argv.filter((argument) => argument !== '--force' && argument !== '--resume');
  const quoted = kept.map((text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`));
  return ['gearnn', ...quoted, '--resume'].join(' ');
}

function parseScale(text: string): [min: number, max: number] {
  const [min, max, ...rest] = text.split(':').map(Number);
  if (rest.length === 0 && min! > 0 && min! <= max! && Number.isFinite(max)) return [min!, max!];
  return fail('E_USAGE', { where: '--scale', expected: 'MIN:MAX such as 0.75:1.5', got: `"${text}"` });
}
