import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import { withContext, type Context } from './context.js';
import { addExamples, integer, jsonOption } from './options.js';
import { printJson, printTable, stdout } from './output.js';

interface Options {
  predictions?: string;
  labels?: string;
  classes?: number;
  ignore: number;
}

/** `gearnn eval`: how well label maps or networks do. */
export function register(program: Command): void {
  const command = program
    .command('eval')
    .description('score label maps that any tool predicted')
    .addOption(new Option('--predictions <dir>', 'folder of predicted label PNGs'))
    .addOption(new Option('--labels <dir>', 'folder of true label PNGs of the same names'))
    .addOption(new Option('--classes <n>', 'number of classes').argParser(integer('--classes', 1)))
    .addOption(
      new Option('--ignore <id>', 'true id of pixels that do not count').default(255).argParser(integer('--ignore', 0)),
    )
    .addOption(jsonOption())
    .action(
      withContext(async (context: Context, options: Options) => {
        if (options.predictions !== undefined) return evaluatePredictions(context, options);
        fail('E_USAGE', {
          where: 'gearnn eval',
          expected: '--predictions with --labels and --classes',
          got: 'none of them',
        });
      }),
    );
  addExamples(command, 'gearnn eval --predictions runs/masks --labels data/val-labels --classes 19');
}

async function evaluatePredictions(context: Context, options: Options): Promise<void> {
  const { predictions, labels, classes, ignore } = options;
  if (predictions === undefined || labels === undefined || classes === undefined) {
    fail('E_USAGE', {
      where: labels === undefined ? '--labels' : '--classes',
      expected: 'this option beside --predictions',
      got: 'nothing',
    });
  }
  const { scorePredictions } = await import('../src/eval/predictions.js');
  const { miou, iou, pixelAccuracy } = await scorePredictions({
    predictions,
    labels,
    classes,
    ignore,
    progress: context.progress,
  });
  if (context.json) return printJson({ miou, iou: [...iou], pixelAccuracy });
  printTable(
    [...iou].map((value, id) => [id, Number.isNaN(value) ? null : value.toFixed(4)]),
    { head: ['class', 'IoU'] },
  );
  stdout(`\nmIoU ${miou.toFixed(4)}  pixel accuracy ${pixelAccuracy.toFixed(4)}`);
}
