import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import type { Huffman } from '../src/image/encode.js';
import type { DistortProblem } from '../src/distort/verify.js';
import { withContext, type Context } from './context.js';
import {
  addExamples,
  dataOption,
  forceOption,
  jsonOption,
  levelsOption,
  olderSplitOption,
  subsetsOption,
} from './options.js';
import { printJson, printTable, stdout, summary } from './output.js';
import { collecting } from './values.js';

interface Options {
  data?: string;
  level?: string[];
  out: string;
  subset?: string[];
  check?: boolean;
  force?: boolean;
  huffman: Huffman;
}

/** `gearnn distort`: a copy of a dataset per level. */
export function register(program: Command): void {
  const command = program
    .command('distort')
    .description('write a dataset at each level of distortion; a second call goes on where the first stopped')
    .addOption(dataOption())
    .addOption(levelsOption())
    .requiredOption('--out <dir>', 'each level becomes the folder DIR/LEVEL, a list: dataset')
    .addOption(subsetsOption('distort or check'))
    .addOption(collecting(olderSplitOption()))
    .addOption(
      new Option(
        '--huffman <tables>',
        "of JPEG files: optimal makes them smaller (by 7% at quality 30, 22% at 10), standard takes half the encoder's time; pixels are the same",
      )
        .choices(['optimal', 'standard'])
        .default('optimal'),
    )
    .option('--check', 'write nothing; list files that are missing, changed or, with --data, out of date')
    .addOption(forceOption())
    .addOption(jsonOption())
    .action(
      withContext((context: Context, options: Options) =>
        options.check ? checkCopies(context, options) : writeCopies(context, options),
      ),
    );
  addExamples(
    command,
    'gearnn distort --data camvid:data/camvid --level jpeg=10 --level jpeg=30 --out data/camvid-jpeg',
    'gearnn distort --data list:data/streets --level brightness=0.5+jpeg=30 --subset val --out data/dark',
    'gearnn distort --data camvid:data/camvid --level h264=36-gop12 --subset val --out data/camvid-sequences',
    'gearnn distort --out data/camvid-jpeg --check',
  );
}

async function writeCopies(
  context: Context,
  { data, level, out, subset: splits, force, huffman }: Options,
): Promise<void> {
  if (data === undefined || level === undefined) {
    fail('E_USAGE', {
      where: data === undefined ? '--data' : '--level',
      expected: 'this option, unless --check is given',
      got: 'nothing',
    });
  }
  // Without --force: it would throw away what is done by then.
  const again = process.argv.slice(2).filter((argument) => argument !== '--force');
  const signal = context.interruptible(`gearnn ${again.join(' ')}`);
  const [{ openDataset }, { parseLevel }, { distinctLevels }, { prepare }] = await Promise.all([
    import('../src/data/registry.js'),
    import('../src/distort/level.js'),
    import('../src/distort/level-folders.js'),
    import('../src/distort/prepare.js'),
  ]);
  const levels = distinctLevels(level, '--level').map(parseLevel);
  const dataset = await openDataset(data);
  const { progress } = context;
  const [{ join }, { keepInputs }] = await Promise.all([import('node:path'), import('./keep-inputs.js')]);
  await keepInputs({ wholes: { '--out': levels.map(({ text }) => join(out, text)) } }, { data: { '--data': data } });
  const prepared = await prepare({ dataset, levels, out, splits, force, huffman, progress, signal });
  const rows = prepared.map(({ manifest, ...row }) => ({
    ...row,
    images: Object.values(manifest.splits).reduce((sum, samples) => sum + samples.length, 0),
  }));
  if (context.json) return printJson({ levels: rows });
  printTable(
    rows.map(({ level, images, written, kept, folder }) => [level, images, written, kept, `list:${folder}`]),
    {
      head: ['level', 'images', 'files written', 'right already', 'dataset'],
      align: ['left', 'right', 'right', 'right', 'left'],
    },
    summary,
  );
}

async function checkCopies(context: Context, { data, level, out, subset: splits, force }: Options): Promise<void> {
  if (force) {
    fail('E_USAGE', {
      where: '--force',
      expected: 'no such option beside --check, which writes nothing',
      got: 'both',
      todo: 'Leave one out.',
    });
  }
  const signal = context.interruptible(`gearnn ${process.argv.slice(2).join(' ')}`);
  const [{ openDataset }, { distinctLevels }, { verify }] = await Promise.all([
    import('../src/data/registry.js'),
    import('../src/distort/level-folders.js'),
    import('../src/distort/verify.js'),
  ]);
  const levels = level && distinctLevels(level, '--level');
  const dataset = data === undefined ? undefined : await openDataset(data);
  const { progress } = context;
  const warn = (message: string): void => context.note(`warning: ${message}`);
  const problems = await verify({ out, levels, splits, dataset, progress, signal, warn });
  if (context.json) printJson({ problems });
  else for (const { level, file, problem } of problems) stdout(`${level}/${file} ${problem}`);
  if (problems.length > 0) {
    fail('E_DISTORT_DAMAGED', {
      where: out,
      expected: 'every file as its manifest says',
      got: problems.length === 1 ? '1 that is not' : `${problems.length} that are not`,
      todo: `Run gearnn distort without --check, which mends them${forcedLevels(problems)}.`,
    });
  }
  if (!context.json) stdout('Every file is right.');
}

/** Levels that are mended by --force alone. */
function forcedLevels(problems: readonly DistortProblem[]): string {
  const levels = problems.filter(({ needsForce }) => needsForce).map(({ level }) => level);
  return levels.length === 0 ? '' : `, with --force for ${[...new Set(levels)].join(' and ')}`;
}
