import type { Command } from 'commander';
import { withContext, type Context } from './context.js';
import { dirname, resolve } from 'node:path';
import type { CalibrationRow } from '../src/adaptor/calibration.js';
import { fail } from '../src/common/errors.js';
import { lineOf } from './calibrate.js';
import type { InferSize } from '../src/data/enlarged-source.js';
import type { Slice } from '../src/data/slice.js';
import { addExamples, inferSizeOption } from './options.js';
import { printJson, summary } from './output.js';
import { addTrainingOptions, printOutcome, withTraining, type TrainingFlags } from './training.js';

interface Options extends TrainingFlags {
  checkpoint: string;
  level: string;
  objective?: string;
  adapt?: string;
  start?: string;
  split?: string;
  prepared?: string;
  inferSize: InferSize;
  calibrate?: string;
}

/** `gearnn finetune` */
export function register(program: Command): void {
  const command = program
    .command('finetune')
    .description(
      'adapt a base to a level: the whole network, or as an adaptor its most sensitive items (--split) or low-rank changes (--adapt)',
    )
    .requiredOption('--checkpoint <dir>', 'the base')
    .requiredOption(
      '--level <level>',
      'distortion, such as jpeg=30 or brightness=0.5+jpeg=30, or a range, jpeg=8..12, of which every epoch draws a level for each image',
    )
    .option(
      '--objective <name>',
      "what to train for: labels, teacher (the base's answer on the clean image; needs no labels), labels+teacher:WEIGHT or stability:ALPHA:SIGMA; teacher:TEMPERATURE softens (default: labels)",
    )
    .option('--split <file>', 'what to adapt, as gearnn split chose it; everything else stays the same, to the bit')
    .option(
      '--adapt <name>',
      'what to adapt instead: whole, learned (all but running statistics), affine (scales and shifts alone), stems (those of the layers that read the picture), or lora:BUDGET for low-rank changes of convolutions, such as lora:0.2% (default: whole)',
    )
    .option(
      '--start <what>',
      'what training starts from: the folder of an adaptor, or aligned, first layers whose channels have the mean and the deviation that they have over clean images; with --steps 0 that is what is saved (default: the base)',
    )
    .option('--prepared <dir>', 'what gearnn distort wrote; a level that is not there is distorted in memory')
    .addOption(inferSizeOption())
    .option(
      '--calibrate <slice>',
      'measure the adaptor afterwards on these samples, which it is not trained on, and write beside the adaptors what serves its level (default: not)',
    );
  addTrainingOptions(command, {
    epochs: '4',
    learningRate: '0.001, of an adaptor 0.005',
    fewestSteps: 0,
    others: () => "the base's",
  });
  command.action(withContext(adapt));
  addExamples(
    command,
    'gearnn finetune --checkpoint runs/base --data scenes:7 --level jpeg=5 --out runs/full/jpeg=5',
    'gearnn finetune --checkpoint runs/base --data scenes:7 --level jpeg=5 --split runs/split.json --out runs/adaptors/jpeg=5',
    'gearnn finetune --checkpoint runs/base --data scenes:7 --level jpeg=5 --split runs/split.json --calibrate val --out runs/adaptors/jpeg=5',
    'gearnn finetune --checkpoint runs/base --data scenes:7 --level jpeg=5 --adapt lora:0.2% --out runs/low-rank/jpeg=5',
    'gearnn finetune --checkpoint runs/base --data images:photos --level jpeg=5 --adapt affine --objective teacher --out runs/affine/jpeg=5',
    'gearnn finetune --checkpoint runs/base --data images:photos --level brightness=0.3 --adapt stems --start aligned --steps 0 --objective teacher --out runs/aligned/brightness=0.3',
    'gearnn finetune --checkpoint runs/base --data scenes:7 --level jpeg=5 --objective teacher --out runs/taught/jpeg=5',
    'gearnn finetune --checkpoint runs/base --data scenes:7 --level jpeg=4..6 --average 0.25 --split runs/split.json --out runs/around/jpeg=5',
    'gearnn finetune --checkpoint runs/base --data scenes:7 --level jpeg=5 --samples 0:150 --validate train[150:] --out runs/try',
  );
}

async function adapt(
  context: Context,
  {
    checkpoint,
    level,
    objective,
    adapt: adaptation,
    start,
    split: file,
    prepared,
    inferSize,
    calibrate,
    ...flags
  }: Options,
): Promise<void> {
  if (calibrate !== undefined) await requireAdaptor({ adapt: adaptation, split: file });
  const { readSplit } = await import('../src/select/split.js');
  const split = file === undefined ? undefined : await readSplit(file);
  const { levelsIn } = await import('../src/distort/range.js');
  const levels = levelsIn(level).map(({ text }) => text);
  if (prepared !== undefined) {
    const { requireCopies } = await import('../src/eval/prepared.js');
    await requireCopies(prepared, flags.data, levels, { parts: await partsOf(flags), progress: context.progress });
  }
  const { finetune } = await import('../src/train/finetune.js');
  const { ALIGNED } = await import('../src/train/start.js');
  const outcome = await withTraining(
    context,
    flags,
    (options) =>
      finetune({ ...options, checkpoint, level, objective, adapt: adaptation, start, split, prepared, inferSize }),
    {
      files: { '--split': file },
      folders: { '--checkpoint': checkpoint, ...(start !== undefined && start !== ALIGNED && { '--start': start }) },
      prepared: { folder: prepared, levels },
    },
  );
  const { record, hash, parameters, warnings } = outcome;
  const { out } = flags;
  const calibration = calibrate === undefined ? undefined : await measure(context, { checkpoint, calibrate, ...flags });
  if (context.json) {
    return printJson(
      parameters === undefined
        ? { checkpoint: out, hash, ...record, warnings }
        : { adaptor: out, parameters, ...record, warnings, ...(calibration && { calibration }) },
    );
  }
  printOutcome(outcome, out);
  if (calibration) summary(lineOf(calibration));
}

/** @throws E_USAGE where a whole network is trained, which nothing is put in the place of */
async function requireAdaptor({ adapt: text = 'whole', split }: Pick<Options, 'adapt' | 'split'>): Promise<void> {
  const { parseAdaptation } = await import('../src/train/adaptations/registry.js');
  if (split !== undefined || parseAdaptation(text).result === 'adaptor') return;
  fail('E_USAGE', {
    where: '--calibrate',
    expected: 'an adaptor: --split, or --adapt with affine, stems or lora:BUDGET',
    got: 'a whole network',
  });
}

/** What serves the level of the adaptor in `--out`, measured on samples of the same data and written into the folder around it. */
async function measure(
  context: Context,
  {
    checkpoint,
    calibrate: text,
    out,
    data,
    workers,
    precision,
  }: Pick<Options, 'checkpoint'> & TrainingFlags & { calibrate: string },
): Promise<CalibrationRow | undefined> {
  const [{ calibrate }, { parseSlice }, { readAdaptorConfig }] = await Promise.all([
    import('../src/adapt/calibrate.js'),
    import('../src/data/slice.js'),
    import('../src/adaptor/file.js'),
  ]);
  const { level } = await readAdaptorConfig(out);
  const { rows } = await calibrate({
    ...{
      checkpoint,
      adaptors: dirname(resolve(out)),
      data,
      samples: parseSlice(text, 'val', '--calibrate'),
      levels: [level],
    },
    ...{ workers, precision, progress: context.progress },
    signal: context.interruptible('gearnn calibrate (the adaptor is whole)'),
    warn: (message) => context.note(`warning: ${message}`),
  });
  return rows[0];
}

/** What is going to be read of the data. */
async function partsOf({ samples = 'train', validate }: TrainingFlags): Promise<Slice[]> {
  const { parseSlice } = await import('../src/data/slice.js');
  const measured = validate === undefined ? [] : [parseSlice(validate, 'val', '--validate')];
  return [parseSlice(samples, 'train', '--samples'), ...measured];
}
