import { Option, type Command } from 'commander';
import type { Dataset } from '../src/data/dataset.js';
import { fail } from '../src/common/errors.js';
import { plural } from '../src/common/plural.js';
import { withContext, type Context } from './context.js';
import { addExamples, forceOption, integer, jsonOption, olderSplitOption, subsetsOption } from './options.js';
import { printJson, printTable, stdout, summary } from './output.js';
import { collecting } from './values.js';

const SPEC =
  'camvid:DIR, cityscapes:DIR, coco:DIR, imagefolder:DIR, images:DIR, list:DIR, pennfudan:DIR or scenes[:SEED]';

/** `gearnn data`: what a dataset holds, and whether all of it can be read. */
export function register(program: Command): void {
  const data = program.command('data').description('look at a dataset: its files, splits and classes');
  registerCheck(data);
  registerInfo(data);
  registerRender(data);
}

interface CheckFlags {
  subset?: string[];
}

function registerCheck(data: Command): void {
  const command = data
    .command('check')
    .description('read every file and list each problem with what to do; exit code 1 if there are any')
    .argument('<spec>', SPEC)
    .addOption(subsetsOption('check'))
    .addOption(collecting(olderSplitOption()))
    .addOption(jsonOption())
    .action(
      withContext(async (context: Context, spec: string, { subset: splits }: CheckFlags) => {
        const signal = context.interruptible(`gearnn data check ${spec}`);
        const { checkDataset } = await import('../src/data/check.js');
        const result = await checkDataset(spec, { splits, progress: context.progress, signal });
        const { problems, samples, warnings } = result;
        for (const { message } of warnings) context.note(`warning: ${message}`);
        if (context.json) printJson(result);
        else for (const { code, message } of problems) stdout(`${message} (${code})`);
        if (problems.length > 0) {
          fail('E_DATA_PROBLEMS', {
            where: spec,
            expected: 'a dataset without problems',
            got: problems.length === 1 ? '1 problem' : `${problems.length} problems`,
            todo: 'Each is listed with what to do; then check again.',
          });
        }
        const besides = warnings.length > 0 ? `, but ${plural(warnings.length, 'warning')}` : '';
        if (!context.json) stdout(`No problems${besides}: ${countText(samples)}.`);
      }),
    );
  addExamples(
    command,
    'gearnn data check camvid:data/camvid',
    'gearnn data check list:data/streets --subset val --json',
  );
}

/** How many drives the table shows. */
const DRIVES = 20;

function registerInfo(data: Command): void {
  const command = data
    .command('info')
    .description('show the splits, drives and classes of a dataset')
    .argument('<spec>', SPEC)
    .addOption(jsonOption())
    .action(
      withContext(async (context: Context, spec: string) => {
        const [{ openDataset }, { drivesOf }] = await Promise.all([
          import('../src/data/registry.js'),
          import('../src/data/parts.js'),
        ]);
        const dataset = await openDataset(spec);
        const drives = [...drivesOf(dataset)].map(([drive, { length: samples }]) => ({ drive, samples }));
        const splits = await Promise.all(dataset.splits.map((split) => describeSplit(dataset, split)));
        const { name, classes, ignore } = dataset;
        if (context.json) return printJson({ spec, name, splits, drives, classes, ignore });
        printTable(
          splits.map(({ split, samples, height, width }) => [split, samples, `${height}x${width}`]),
          { head: ['split', 'samples', 'first image'] },
        );
        stdout('');
        printTable(
          drives.slice(0, DRIVES).map(({ drive, samples }) => [drive, samples]),
          { head: ['drive', 'samples'] },
        );
        if (drives.length > DRIVES) stdout(`and ${drives.length - DRIVES} more`);
        stdout('');
        printTable(
          classes.map(({ name, color }, id) => [id, name, color.join(' ')]),
          { head: ['id', 'class', 'colour'], align: ['right', 'left', 'left'] },
        );
        stdout(`\nIgnored: ${ignore}`);
      }),
    );
  addExamples(command, 'gearnn data info cityscapes:data/cityscapes', 'gearnn data info scenes:7');
}

interface RenderFlags {
  out: string;
  subset?: string[];
  count?: number;
  force?: boolean;
}

function registerRender(data: Command): void {
  const command = data
    .command('render')
    .description('write a dataset, procedural or any other, as PNG files: a list: dataset')
    .argument('<spec>', SPEC)
    .requiredOption('--out <dir>', 'folder to write into')
    .addOption(subsetsOption('write'))
    .addOption(collecting(olderSplitOption()))
    .addOption(new Option('--count <n>', 'only the first N samples of each subset').argParser(integer('--count', 1)))
    .addOption(forceOption())
    .addOption(jsonOption())
    .action(
      withContext(async (context: Context, spec: string, { out, subset: splits, count, force }: RenderFlags) => {
        const signal = context.interruptible(`gearnn ${process.argv.slice(2).join(' ')}`);
        const [{ openDataset }, { writeListDataset }] = await Promise.all([
          import('../src/data/registry.js'),
          import('../src/data/write-list.js'),
        ]);
        const { progress } = context;
        const dataset = await openDataset(spec);
        const samples = await writeListDataset(dataset, out, { splits, count, force, progress, signal });
        if (context.json) return printJson({ spec: `list:${out}`, samples });
        summary(`list:${out}: ${countText(samples)}.`);
      }),
    );
  addExamples(command, 'gearnn data render scenes:7 --out data/scenes --subset val --count 10');
}

async function describeSplit(
  dataset: Dataset,
  split: string,
): Promise<{ split: string; samples: number; height: number; width: number }> {
  const samples = dataset.samples(split);
  const { height, width } = await dataset.readImage(samples[0]!);
  return { split, samples: samples.length, height, width };
}

/** `367 train, 101 val` */
function countText(samples: Record<string, number>): string {
  return Object.entries(samples)
    .map(([split, count]) => `${count} ${split}`)
    .join(', ');
}
