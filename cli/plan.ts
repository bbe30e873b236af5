import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { LevelBudgets } from '../src/adapt/budget-curve.js';
import type { PlanOutcome } from '../src/adapt/plan.js';
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
  seedOption,
  sizeOption,
  workersOption,
  type EngineFlags,
} from './options.js';
import { paint, printJson, printTable, stdout, summary } from './output.js';
import { collecting } from './values.js';

interface Options extends EngineFlags {
  checkpoint: string;
  data: string;
  level: string[];
  target: number;
  budget?: string[];
  steps?: number;
  objective?: string;
  batch?: number;
  size?: [height: number, width: number];
  out: string;
  seed: number;
  workers?: number;
}

/** `gearnn plan` */
export function register(program: Command): void {
  const command = program
    .command('plan')
    .description('which levels need an adaptor, and how large it has to be for a share of what can be won back')
    .requiredOption('--checkpoint <dir>', 'the network as it is')
    .addOption(dataOption().makeOptionMandatory())
    .addOption(levelsOption().makeOptionMandatory())
    .addOption(
      new Option('--target <share>', 'of what can be won back, 0 to 1')
        .default(0.9)
        .argParser(decimal('--target', 0, 1)),
    )
    .addOption(
      collecting(
        new Option(
          '--budget <size>',
          "size of adaptors to try: a number of parameters, or a share of the network's; repeat for several (default: 0.05%, 0.1%, 0.2%, 0.5%, 1%)",
        ),
      ),
    )
    .addOption(
      new Option('--steps <n>', 'optimizer steps of each training (default: 60)').argParser(integer('--steps', 1)),
    )
    .option('--objective <name>', 'what to train for, as gearnn finetune has it (default: teacher)')
    .addOption(
      new Option('--batch <n>', "images per optimizer step (default: the network's, or 4)").argParser(
        integer('--batch', 1),
      ),
    )
    .addOption(sizeOption("height and width of training crops (default: the network's, or at most 224x224)"))
    .requiredOption('--out <dir>', 'folder for plan.json and plan.svg')
    .addOption(seedOption())
    .addOption(workersOption())
    .addOption(jsonOption());
  addEngineOptions(command);
  command.action(withContext(planSizes));
  addExamples(
    command,
    'gearnn plan --checkpoint checkpoints/demo --data images:photos --level jpeg=5 --level brightness=0.3 --level jpeg=90 --out runs/plan',
  );
}

async function planSizes(context: Context, { level: levels, budget: budgets, ...flags }: Options): Promise<void> {
  const { checkpoint, data, target, steps, objective, batch, size, out, seed, workers } = flags;
  const { plan } = await import('../src/adapt/plan.js');
  const { planSvg } = await import('../src/report/plan-svg.js');
  const { writeFileAtomic } = await import('../src/common/files.js');
  const picture = join(out, 'plan.svg');
  await keepInputs({ files: { '--out': picture } }, { data: { '--data': data } });
  const signal = context.interruptible('the same command (what is trained is taken up)');
  const engine = await openEngine(context, flags);
  const outcome = await plan({
    ...{ checkpoint, data, levels, target, budgets, steps, objective, batch, size, out, seed, workers, engine, signal },
    progress: context.progress,
    warn: (message) => context.note(`warning: ${message}`),
    onRow: (row) => context.note(lineOf(row)),
  });
  if (outcome.curve.length > 0) await writeFileAtomic(picture, planSvg(outcome.curve, target));
  if (context.json) return printJson({ ...outcome, out });
  printOutcome(outcome);
  summary(`${paint('bold', out)}: plan.json${outcome.curve.length > 0 ? ' and plan.svg' : ''}`);
}

function lineOf({ level, base, whole, needed }: LevelBudgets): string {
  return `${level}: ${base.toFixed(3)}, fine-tuned ${whole.toFixed(3)}: ${needed ? 'needs an adaptor' : 'needs none'}`;
}

function printOutcome({ rows, curve, smallest, target, heading, pictures }: PlanOutcome): void {
  printTable(
    rows.map(({ level, base, whole, needed, points }) => [
      ...[level, base.toFixed(4), whole.toFixed(4), needed ? 'yes' : 'no'],
      ...curve.map(({ budget }) => points.find((point) => point.budget === budget)?.score.toFixed(4) ?? null),
    ]),
    {
      head: ['level', 'as it is', 'whole network', 'needs one', ...curve.map(({ budget }) => budget)],
      align: ['left', 'right', 'right', 'left'],
    },
  );
  const percent = (share: number): string => `${Math.round(100 * share)}%`;
  stdout(`\n${heading} on ${pictures} pictures that nothing was trained on`);
  for (const { budget, parameters, share } of curve)
    stdout(`${budget}: at most ${parameters} parameters, ${percent(share)} of what can be won back`);
  if (curve.length === 0) stdout('no level needs an adaptor');
  else if (smallest) stdout(`${smallest.budget} is the smallest that wins ${percent(target)} back`);
  else stdout(`none of these wins ${percent(target)} back; try larger ones, or more --steps`);
}
