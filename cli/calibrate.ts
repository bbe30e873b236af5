import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { CalibrateOptions, CalibrateOutcome } from '../src/adapt/calibrate-options.js';
import type { CalibrationRow } from '../src/adaptor/calibration.js';
import { withContext, type Context } from './context.js';
import { openEngine } from './engine-start.js';
import { keepInputs } from './keep-inputs.js';
import {
  addEngineOptions,
  addExamples,
  dataOption,
  decimal,
  integer,
  jsonOption,
  levelsOption,
  workersOption,
  type EngineFlags,
} from './options.js';
import { paint, printJson, printTable, stdout, summary } from './output.js';
import { collecting } from './values.js';

interface Options extends EngineFlags {
  checkpoint: string;
  adaptors?: string;
  data: string;
  samples?: string;
  level?: string[];
  share?: string[];
  objective?: CalibrateOptions['objective'];
  block: number;
  workers?: number;
}

/** `gearnn calibrate` */
export function register(program: Command): void {
  const command = program
    .command('calibrate')
    .description(
      'measure which adaptors are better than the base on frames that they were not trained on, and how much of each; the others do not serve from then on',
    )
    .requiredOption('--checkpoint <dir>', 'the base')
    .option('--adaptors <dir>', "its adaptors, one folder per level (default: the checkpoint's)")
    .addOption(dataOption().makeOptionMandatory())
    .option('--samples <slice>', 'frames to measure on, such as val[0:100] or all[drive=NAME] (default: val)')
    .addOption(levelsOption())
    .addOption(
      collecting(
        new Option(
          '--share <s>',
          "how much of each level's own adaptor to compare, over 0 and up to 1, and nothing of its neighbours; repeat for several (default: 1, 0.75, 0.5, 0.25 and neighbours)",
        ),
      ),
    )
    .addOption(
      new Option(
        '--objective <name>',
        "compare with labels, or with teacher: the base's own answers on clean frames (default: labels, where there are any)",
      ).choices(['labels', 'teacher']),
    )
    .addOption(
      new Option('--block <n>', 'neighbouring frames that intervals draw together: 1 where no two are alike')
        .default(10)
        .argParser(integer('--block', 1)),
    )
    .addOption(workersOption())
    .addOption(jsonOption());
  addEngineOptions(command);
  command.action(withContext(calibrateAdaptors));
  addExamples(
    command,
    'gearnn calibrate --checkpoint checkpoints/demo --data scenes:8 --samples val',
    'gearnn calibrate --checkpoint runs/base --adaptors runs/adaptors --data images:photos --objective teacher --block 1',
  );
}

async function calibrateAdaptors(context: Context, options: Options): Promise<void> {
  const { checkpoint, adaptors = checkpoint, data, level: levels, objective, block, workers, precision } = options;
  const [{ calibrate }, { CALIBRATE }, { CALIBRATION }, { adaptorRoot }, { parseSlice }] = await Promise.all([
    import('../src/adapt/calibrate.js'),
    import('../src/adapt/calibrate-options.js'),
    import('../src/adaptor/calibration.js'),
    import('../src/adaptor/list.js'),
    import('../src/data/slice.js'),
  ]);
  const shares = options.share?.map(decimal('--share', 0, 1));
  const samples = options.samples === undefined ? undefined : parseSlice(options.samples, CALIBRATE.split, '--samples');
  const file = join(adaptorRoot(adaptors), CALIBRATION);
  await keepInputs({ files: { '--adaptors': file } }, { data: { '--data': data } });
  const signal = context.interruptible('the same command (measuring starts again; nothing was written)');
  await openEngine(context, options);
  const outcome = await calibrate({
    ...{ checkpoint, adaptors, data, samples, levels, shares, objective, block, workers, precision, signal },
    progress: context.progress,
    warn: (message) => context.note(`warning: ${message}`),
    onRow: (row) => context.note(lineOf(row)),
  });
  if (context.json) return printJson(outcome);
  printRows(outcome);
  summary(`${paint('bold', outcome.path)}: what serves which level`);
}

/** `jpeg=10: 0.412 -> 0.436 by 0.5 of its adaptor` */
export function lineOf(row: CalibrationRow): string {
  const { level, base, candidate } = row;
  return `${level}: ${base.toFixed(3)} -> ${candidate.toFixed(3)} by ${candidateOf(row)}; ${servedBy(row)}`;
}

function candidateOf({ level, adaptor, share }: CalibrationRow): string {
  const whose = adaptor === level ? 'its own' : adaptor;
  return share === 1 ? whose : `${share} of ${whose}`;
}

function servedBy(row: CalibrationRow): string {
  return row.serves ? 'it serves' : 'the base serves';
}

function printRows({ rows, heading }: CalibrateOutcome): void {
  const points = (share: number): string => (100 * share).toFixed(2);
  printTable(
    rows.map((row) => [
      ...[row.level, row.base.toFixed(4), candidateOf(row), row.candidate.toFixed(4), points(row.gain)],
      ...[`${points(row.low)} to ${points(row.high)}`, row.serves ? candidateOf(row) : 'base'],
    ]),
    {
      head: ['level', 'base', 'best adaptor', heading, 'gain', 'interval', 'serves'],
      align: ['left', 'right', 'left', 'right', 'right', 'right', 'left'],
    },
  );
  const [row] = rows;
  if (!row) return;
  const compared = row.agreement ? "the base's own answers on clean frames" : 'labels';
  stdout(
    `\ngains in points of ${heading}, compared with ${compared}, on ${row.images} frames of ${row.data} ${row.samples}; intervals hold for all candidates of a level together, 95% of the time`,
  );
}
