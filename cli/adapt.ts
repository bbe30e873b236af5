import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { AdaptOutcome, AdaptRow } from '../src/adapt/options.js';
import { plural } from '../src/common/plural.js';
import { withContext, type Context } from './context.js';
import { openEngine } from './engine-start.js';
import { cameraFrames, addCameraOptions, type CameraFlags } from './camera.js';
import { keepInputs } from './keep-inputs.js';
import {
  addEngineOptions,
  addExamples,
  dataOption,
  decimal,
  forceOption,
  integer,
  jsonOption,
  levelsOption,
  seedOption,
  sizeOption,
  workersOption,
  type EngineFlags,
} from './options.js';
import { paint, printJson, printTable, stdout, summary } from './output.js';
import { resumeLine } from './training.js';
import { collecting } from './values.js';

interface Options extends EngineFlags, CameraFlags {
  checkpoint: string;
  data?: string;
  level: string[];
  budget?: string;
  how?: string;
  steps?: number;
  objective?: string;
  rate?: string[];
  batch?: number;
  size?: [height: number, width: number];
  out?: string;
  seed: number;
  resume?: boolean;
  force?: boolean;
  workers?: number;
}

/** `gearnn adapt` */
export function register(program: Command): void {
  const command = program
    .command('adapt')
    .description('from a network and pictures without labels to adaptors, of which those that help are kept')
    .requiredOption('--checkpoint <dir>', 'the network as it is')
    .addOption(dataOption())
    .addOption(levelsOption().makeOptionMandatory())
    .option('--budget <size>', "parameters of an adaptor: a number, or a share of the network's (default: 0.2%)")
    .addOption(
      new Option(
        '--how <what>',
        'what to adapt: affine for all scales and shifts, items, which the knapsack chooses, low-rank changes of convolutions, or the best of these, in three times the time; auto is affine where the budget has room for it, and else items (default: auto)',
      ).choices(['auto', 'affine', 'items', 'low-rank', 'best']),
    )
    .addOption(
      new Option('--steps <n>', 'optimizer steps of the longest training (default: 160)').argParser(
        integer('--steps', 2),
      ),
    )
    .option('--objective <name>', 'what to train for, as gearnn finetune has it (default: teacher)')
    .addOption(
      collecting(
        new Option(
          '--rate <rate>',
          'learning rate to try; repeat for several (default: 0.003 and 0.01, behind aligned first layers 0.001 and 0.003)',
        ),
      ),
    )
    .addOption(
      new Option(
        '--batch <n>',
        "images per optimizer step (default: as many as 200,000 pixels hold, 1 to 4; the network's, where it was trained on pictures of one size or finds objects)",
      ).argParser(integer('--batch', 1)),
    )
    .addOption(
      sizeOption(
        "height and width of training crops (default: whole pictures of up to 200,000 pixels; of mixed sizes what nine of ten hold; the network's, where it was trained on pictures of one size or finds objects)",
      ),
    )
    .option('--out <dir>', "folder for the adaptors (default: the checkpoint's adaptors)")
    .addOption(seedOption())
    .option('--resume', 'go on with an interrupted call')
    .addOption(forceOption())
    .addOption(workersOption())
    .addOption(jsonOption());
  addCameraOptions(command);
  addEngineOptions(command);
  command.action(withContext(adaptNetwork));
  addExamples(
    command,
    'gearnn adapt --checkpoint checkpoints/demo --data images:photos --level jpeg=5 --level brightness=0.3 --out runs/adapted',
    'gearnn adapt --checkpoint runs/base --data scenes:7 --level jpeg=5 --objective labels --budget 0.4% --out runs/adapted',
    'gearnn adapt --checkpoint runs/base --camera rtsp://camera/live --frames 100 --level h264=42 --out runs/adapted',
  );
}

async function adaptNetwork(context: Context, { level: levels, rate, ...flags }: Options): Promise<void> {
  const { checkpoint, out = join(checkpoint, 'adaptors'), budget, how, steps, objective, batch, size, seed } = flags;
  const { workers, resume, force } = flags;
  const signal = context.interruptible(resumeLine(process.argv.slice(2)));
  const rates = rate?.map(decimal('--rate', 0));
  const { adapt } = await import('../src/adapt/adapt.js');
  const { writeFileAtomic } = await import('../src/common/files.js');
  const { adaptSvg } = await import('../src/report/adapt-svg.js');
  const picture = join(out, 'adapt.svg');
  const camera = await cameraFrames(context, flags, signal);
  try {
    const { data } = camera;
    await keepInputs({ files: { '--out': picture } }, { data: { '--data': data } });
    const engine = await openEngine(context, flags);
    const { progress } = context;
    const outcome = await adapt({
      ...{ checkpoint, data, out, levels, budget, how, steps, objective, rates, batch, size, seed },
      ...{ engine, workers, resume, force, signal, progress },
      warn: (message) => context.note(`warning: ${message}`),
      onRow: (row) => context.note(lineOf(row)),
    });
    await writeFileAtomic(picture, adaptSvg(outcome.rows, outcome.heading));
    if (context.json) return printJson({ ...outcome, out, picture });
    printRows(outcome);
    const kept = outcome.rows.filter((row) => row.kept).length;
    summary(
      `${paint('bold', out)}: ${plural(kept, 'adaptor')} kept of ${outcome.rows.length}; the table as a picture: ${picture}`,
    );
  } finally {
    await camera.dispose();
  }
}

function lineOf({ level, before, after, kept, seconds }: AdaptRow): string {
  const how = kept ? 'kept' : 'not kept';
  return `${level}: ${before.toFixed(3)} -> ${after.toFixed(3)}, ${how} (${Math.round(seconds)} s)`;
}

function printRows({ rows, heading, agreement, pictures }: AdaptOutcome): void {
  printTable(
    rows.map(({ level, before, after, clean, kept, how, parameters, rate, steps, share }) => [
      ...[level, before.toFixed(4), after.toFixed(4), clean.toFixed(4), kept ? 'yes' : 'no'],
      ...[how, parameters, rate, steps, share],
    ]),
    {
      head: ['level', 'before', 'after', 'on clean', 'kept', 'how', 'parameters', 'rate', 'steps', 'share'],
      align: ['left', 'right', 'right', 'right', 'left', 'left'],
    },
  );
  const compared = agreement ? "with the network's own answers on clean pictures" : 'with labels';
  stdout(
    `\n${heading} ${compared}, on ${plural(pictures.measure, 'picture')} apart from the ${pictures.train} trained on and the ${pictures.choose} chosen by`,
  );
}
