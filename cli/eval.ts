import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import { plural } from '../src/common/plural.js';
import { withContext, type Context } from './context.js';
import { openEngine } from './engine-start.js';
import {
  addAutoEngineOptions,
  type CalibrationFlags,
  calibrationOf,
  addExamples,
  classesOption,
  dataOption,
  inferSizeOption,
  integer,
  jsonOption,
  levelsOption,
  olderSplitOption,
  subsetOption,
  workersOption,
  type AutoEngineFlags,
} from './options.js';
import type { InferSize } from '../src/data/enlarged-source.js';
import type { TileChoice } from '../src/eval/tile-memory.js';
import { tileOption } from './large-options.js';
import { COCO, evaluateResults } from './eval-results.js';
import { memoryOf, plainRow } from './eval-rows.js';
import { printJson, printTable, stdout } from './output.js';

interface Options extends AutoEngineFlags, Pick<CalibrationFlags, 'uncalibrated'> {
  checkpoint?: string;
  adaptors?: string;
  tuned?: string;
  data?: string;
  subset: string;
  level?: string[];
  prepared?: string;
  inferSize: InferSize;
  workers?: number;
  tile?: TileChoice;
  block: number;
  agreement?: true;
  predictions?: string;
  labels?: string;
  classes?: number;
  ignore: number;
}

/** What says nothing about label maps that are there already. */
const NETWORK_OPTIONS = [
  ...['checkpoint', 'adaptors', 'tuned', 'data', 'level', 'prepared', 'inferSize', 'workers', 'tile'],
  ...['agreement', 'block', 'uncalibrated'],
  ...['engine', 'precision', 'threads'],
];

/** `gearnn eval`: how well label maps or networks do. */
export function register(program: Command): void {
  const command = program
    .command('eval')
    .description(
      "mIoU, top-1 or average precision per level of a network and its adaptors; or mIoU of label maps, or average precision of COCO's results, that any tool predicted",
    )
    .addOption(new Option('--checkpoint <dir>', 'the base network').conflicts(['labels', 'classes', 'ignore']))
    .addOption(new Option('--adaptors <dir>', 'its adaptors, one folder per level'))
    .option('--uncalibrated', 'score every adaptor as it is, whatever gearnn calibrate has found')
    .addOption(new Option('--tuned <dir>', 'full fine-tunes to compare with, a checkpoint per level'))
    .addOption(dataOption())
    .addOption(subsetOption())
    .addOption(olderSplitOption())
    .addOption(levelsOption())
    .addOption(new Option('--prepared <dir>', 'what gearnn distort wrote; other levels are distorted in memory'))
    .addOption(inferSizeOption())
    .addOption(workersOption())
    .addOption(tileOption('tiles of at most 2097152 pixels for pictures that are larger'))
    .addOption(
      new Option(
        '--agreement',
        "compare with the base's own answers on clean images; labels are not read, and none are needed",
      ),
    )
    .addOption(
      new Option('--block <n>', 'neighbouring images that intervals draw together: 1 where no two are alike')
        .default(10)
        .argParser(integer('--block', 1)),
    )
    .addOption(
      new Option(
        '--predictions <path>',
        "folder of predicted label PNGs, or a file of results in COCO's format",
      ).conflicts(NETWORK_OPTIONS),
    )
    .addOption(new Option('--labels <dir>', 'folder of true label PNGs of the same names; or coco:DIR, coco:FILE'))
    .addOption(classesOption())
    .addOption(
      new Option('--ignore <id>', 'true id of pixels that do not count').default(255).argParser(integer('--ignore', 0)),
    )
    .addOption(jsonOption());
  addAutoEngineOptions(command);
  command.action(
    withContext(async (context: Context, options: Options) => {
      const { predictions, labels } = options;
      if (predictions !== undefined) {
        const subset = command.getOptionValueSource('subset') === 'default' ? undefined : options.subset;
        if (labels?.startsWith(COCO)) return evaluateResults(context, predictions, labels.slice(COCO.length), subset);
        if (subset !== undefined) refuseSubset(subset);
        return evaluatePredictions(context, options);
      }
      if (options.checkpoint !== undefined) return evaluateNetworks(context, options);
      fail('E_USAGE', {
        where: 'gearnn eval',
        expected:
          '--checkpoint with --data, --predictions with --labels and --classes, or --predictions with --labels coco:DIR',
        got: 'neither',
      });
    }),
  );
  addExamples(
    command,
    'gearnn eval --checkpoint checkpoints/demo --adaptors checkpoints/demo/adaptors --data scenes:7 --level jpeg=10',
    'gearnn eval --predictions runs/masks --labels data/val-labels --classes 19',
    'gearnn eval --predictions results.json --labels coco:data/coco --subset val --json',
  );
}

async function evaluateNetworks(context: Context, options: Options): Promise<void> {
  const { checkpoint, data, subset, level: levels, adaptors, tuned, prepared, inferSize, workers } = options;
  if (checkpoint === undefined || data === undefined) {
    fail('E_USAGE', { where: '--data', expected: 'this option beside --checkpoint', got: 'nothing' });
  }
  const { readCheckpointConfig, compareClasses } = await import('../src/models/checkpoint.js');
  const { openDataset } = await import('../src/data/registry.js');
  const { findsLabelled, metricOn } = await import('../src/eval/boxes.js');
  const { taskOf } = await import('../src/tasks/registry.js');
  const { evaluateLevels } = await import('../src/eval/levels.js');
  const { formatPoints } = await import('../src/report/format.js');
  const { levelIntervals } = await import('../src/eval/level-intervals.js');
  const { nestedScores } = await import('../src/eval/nested-scores.js');
  const dataset = await openDataset(data);
  const config = await readCheckpointConfig(checkpoint);
  const isByBoxes = !options.agreement && findsLabelled(config, dataset);
  for (const line of options.agreement || isByBoxes ? [] : compareClasses(config, dataset.classes, data)) {
    context.note(`warning: ${line}`);
  }
  const { precision } = await openEngine(context, options);
  const signal = context.interruptible('the same command (evaluation starts again)');
  const { progress } = context;
  const rows = await evaluateLevels({
    checkpoint,
    adaptors,
    tuned,
    data,
    split: subset,
    levels,
    prepared,
    inferSize,
    precision,
    workers,
    tile: options.tile,
    agreement: options.agreement,
    calibration: calibrationOf(options),
    warn: (message) => context.note(`warning: ${message}`),
    progress,
    signal,
  });
  const memory = await memoryOf(rows);
  const metric = options.agreement ? taskOf(config).metric(config.classes.length) : metricOn(config, dataset);
  const { headings } = metric;
  const intervals = levelIntervals(metric, rows, { block: options.block, resamples: 2000, seed: 0 });
  for (const { level, scores, primary } of rows.filter((row) => Number.isNaN(row.scores[row.primary]))) {
    const { labelFiles, noun: labels } = dataset.targets;
    const noun = labelFiles
      ? `every pixel of the ${labels} is ignored, so that none counts`
      : `there are no ${labels} that count`;
    context.note(`warning: ${headings[primary]} at ${level} is ${scores[primary]}: ${noun}`);
  }
  if (context.json) {
    const plain = rows.map((row) => plainRow(row, nestedScores));
    return printJson({ ...(options.agreement && { agreement: true }), rows: plain, intervals, memory });
  }
  const names = Object.keys(headings);
  printTable(
    rows.map(({ level, method, scores, parameters }) => {
      return [level, method, ...names.map((name) => scores[name]!.toFixed(4)), parameters];
    }),
    { head: ['level', 'method', ...Object.values(headings), 'parameters'], align: ['left', 'left'] },
  );
  for (const { level, reason } of rows) if (reason !== undefined) stdout(`${level}: ${reason}`);
  if (options.agreement) stdout("compared with the base's own answers on clean images, not with labels");
  for (const { method, levels: count, points, low, high } of intervals) {
    const where = count === 1 ? 'at one level' : `in the mean of ${count} levels`;
    const over = `${formatPoints(points)} points of ${headings[metric.primary]} over the original ${where}`;
    stdout(`${method}: ${over}, 95% interval ${formatPoints(low)} to ${formatPoints(high)}`);
  }
  for (const { method, networks, adaptors, parameters, overhead } of memory) {
    const what = `${plural(networks, 'network')}${adaptors > 0 ? ` and ${plural(adaptors, 'adaptor')}` : ''}`;
    stdout(`${method}: ${what} resident, ${parameters} parameters, ${overhead.toFixed(1)}% over the original`);
  }
}

function refuseSubset(got: string): never {
  fail('E_USAGE', { where: '--subset', expected: 'this option beside --labels coco:DIR or --data', got });
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
  if (Number.isNaN(miou)) context.note(`warning: mIoU is ${miou}: no pixel of the label maps counts, all are ignored`);
  if (context.json) return printJson({ miou, iou: [...iou], pixelAccuracy });
  printTable(
    [...iou].map((value, id) => [id, Number.isNaN(value) ? null : value.toFixed(4)]),
    { head: ['class', 'IoU'] },
  );
  stdout(`\nmIoU ${miou.toFixed(4)}  pixel accuracy ${pixelAccuracy.toFixed(4)}`);
}
