import { Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../src/common/folders.js';
import type { Band } from '../src/frequency/bands.js';
import type { StoredResponse } from '../src/frequency/files.js';
import { withContext, type Context } from './context.js';
import { openEngine } from './engine-start.js';
import { keepInputs } from './keep-inputs.js';
import {
  addExamples,
  dataOption,
  engineOption,
  forceOption,
  jsonOption,
  olderSplitOption,
  subsetOption,
  threadsOption,
  workersOption,
  type EngineFlags,
} from './options.js';
import { printJson, printTable, summary as say } from './output.js';
import { refuseOverwrite } from './overwrite.js';

interface Options extends Pick<EngineFlags, 'engine' | 'threads'> {
  checkpoint: string;
  adaptor?: string;
  data: string;
  subset: string;
  samples?: string;
  objective: string;
  teacher?: string;
  level?: string;
  prepared?: string;
  compare?: string;
  workers?: number;
  out: string;
  force?: boolean;
}

/** `gearnn frequency`: which spatial frequencies of its input a network looks at. */
export function register(program: Command): void {
  const command = program
    .command('frequency')
    .description(
      "measure what a network looks at: the gradient of its loss by the input's DCT coefficients, as numbers and pictures",
    )
    .requiredOption('--checkpoint <dir>', 'the network')
    .option('--adaptor <dir>', 'an adaptor on it')
    .addOption(dataOption().makeOptionMandatory())
    .addOption(subsetOption())
    .addOption(olderSplitOption())
    .option('--samples <slice>', 'what to measure on: val[0:20], 0:20 or 20 (default: all of the subset)')
    .option('--level <level>', 'distortion of the images, such as jpeg=10 (default: none)')
    .addOption(
      new Option(
        '--objective <name>',
        "what the loss is: labels, teacher (the distance from the base's answers on the clean images; needs no labels) or labels+teacher:WEIGHT",
      ).default('labels'),
    )
    .option('--teacher <dir>', 'network whose clean answers teacher compares with (default: --checkpoint)')
    .option('--prepared <dir>', 'what gearnn distort wrote; a level that is not there is distorted in memory')
    .option('--compare <dir>', "another network's response on the same images, as this command wrote it")
    .requiredOption('--out <dir>', 'folder for response.npy, response.png and those of each channel')
    .addOption(forceOption())
    .addOption(workersOption())
    .addOption(engineOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(withContext(measure));
  addExamples(
    command,
    'gearnn frequency --checkpoint checkpoints/demo --data scenes:7 --samples 4 --out runs/response',
    'gearnn frequency --checkpoint checkpoints/demo --adaptor checkpoints/demo/adaptors/jpeg=10 --data scenes:7 --samples 4 --compare runs/response --out runs/response-jpeg=10',
  );
}

async function measure(context: Context, options: Options): Promise<void> {
  const { checkpoint, adaptor, data, subset, level, prepared, compare, workers, out, force } = options;
  const { objective, teacher } = options;
  const { RESPONSE_FILES } = await import('../src/frequency/files.js');
  await keepInputs(
    { files: { '--out': RESPONSE_FILES.map((name) => join(out, name)) } },
    {
      folders: { '--checkpoint': checkpoint, '--adaptor': adaptor, '--teacher': teacher, '--compare': compare },
      data: { '--data': data },
      prepared: { folder: prepared, levels: [level ?? 'clean'] },
    },
  );
  refuseOverwrite(join(out, 'response.npy'), force);
  const [{ parseSlice }, { readCheckpointConfig, compareClasses }, { openDataset }, { parseObjective }, files] =
    await Promise.all([
      import('../src/data/slice.js'),
      import('../src/models/checkpoint.js'),
      import('../src/data/registry.js'),
      import('../src/train/objectives/registry.js'),
      import('../src/frequency/files.js'),
    ]);
  const where = options.samples === undefined ? '--subset' : '--samples';
  const samples = parseSlice(options.samples ?? subset, subset, where);
  const other = compare === undefined ? undefined : await files.readResponse(compare);
  const dataset = await openDataset(data);
  const { needsTarget } = parseObjective(objective);
  const config = await readCheckpointConfig(checkpoint);
  for (const line of needsTarget ? compareClasses(config, dataset.classes, data) : []) {
    context.note(`warning: ${line}`);
  }
  await openEngine(context, { ...options, precision: 'fp32' });
  // Before the measurement, which would be lost.
  const isNew = !existsSync(out);
  await makeFolder(out);
  const signal = context.interruptible('the same command (the measurement starts again)');
  const { progress } = context;
  const [{ measureResponse }, { bandChanges, BANDS, summarizeResponse }] = await Promise.all([
    import('../src/frequency/measure.js'),
    import('../src/frequency/bands.js'),
  ]);
  const found = await measureResponse({
    ...{ checkpoint, adaptor, data, samples, level, prepared, objective, teacher },
    ...{ size: other?.together, workers, progress, signal },
  }).catch(async (error: unknown) => {
    if (isNew) await rmdir(out).catch(() => {});
    throw error;
  });
  const { together, images, network, loss } = found;
  if (other) warnOfDifferences(context, found, other, compare!);
  await files.writeResponse(out, found, {
    ...{
      network,
      checkpoint,
      adaptor: adaptor ?? null,
      data,
      split: samples.split,
      level: found.level,
      images,
      content: found.content,
      objective,
    },
  });
  if (other) await files.writeDifference(out, together, other.together);
  const summary = summarizeResponse(together);
  const changes = other && bandChanges(summary, summarizeResponse(other.together));
  const { width, height } = together;
  if (context.json) {
    return printJson({ out, width, height, images: images.length, level: found.level, loss, ...summary, changes });
  }
  const change = (band: Band): string => {
    const value = changes?.[band];
    return typeof value === 'number' ? `${value < 0 ? '' : '+'}${(100 * value).toFixed(1)}%` : '-';
  };
  printTable(
    BANDS.map((band) => [
      band,
      summary.bands[band].toExponential(3),
      `${(100 * summary.shares[band]).toFixed(1)}%`,
      ...(changes ? [change(band)] : []),
    ]),
    { head: ['frequencies', 'mean response', 'share of all', ...(changes ? ['against the other'] : [])] },
    say,
  );
  say(`\n${images.length} images of ${width}x${height}, mean loss ${loss.toFixed(4)}: ${join(out, 'response.npy')}`);
}

type Comparable = Pick<StoredResponse, 'level' | 'images' | 'content'>;

/** What differs beside the networks is worth a warning. */
function warnOfDifferences(context: Context, found: Comparable, other: Comparable, where: string): void {
  if (found.level !== other.level) context.note(`warning: ${where} is of images at ${other.level}, not ${found.level}`);
  if (found.images.join('\n') !== other.images.join('\n')) context.note(`warning: ${where} is of other images`);
  else if (found.content === undefined || other.content === undefined) {
    context.note(
      `warning: whether ${where} is of the same images and labels cannot be known: one of the two does not say`,
    );
  } else if (found.content !== other.content)
    context.note(`warning: ${where} is of images or labels of the same names with other content`);
}
