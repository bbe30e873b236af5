import type { Command } from 'commander';
import { dirname, join, relative } from 'node:path';
import type { Experiment } from '../src/pipeline/experiment.js';
import type { ExperimentOptions } from '../src/pipeline/run.js';
import { withContext, type Context } from './context.js';
import { openEngine } from './engine-start.js';
import { keepInputs } from './keep-inputs.js';
import { runMemory } from './memory-run.js';
import { addExamples, engineOption, jsonOption, precisionOption, threadsOption } from './options.js';
import { paint, printJson, printTable, summary } from './output.js';
import type { RunFlags } from './run-flags.js';
import { queueOption, requireStore, storeOption } from './queue-options.js';
import { createStepPrinter } from './step-printer.js';

/** What a run writes beside pictures. */
const RESULTS = ['results.json', 'counts.json', 'record.jsonl', 'report.md', 'report.html'];

/** `gearnn run`: a whole experiment from one file. */
export function register(program: Command): void {
  const command = program
    .command('run')
    .description('run every step of an experiment that has no result yet, and write its tables and report')
    .argument('<config>', 'config file of the experiment')
    .option('--work <dir>', "folder for the steps' results (default: runs/EXPERIMENT)")
    .option('--out <dir>', "folder for results.json, record.jsonl, report.md and report.html (default: the config's)")
    .option('--dry-run', 'show what would run, and why; run nothing')
    .option(
      '--estimate',
      'with --dry-run: measure one unit of every kind of work, and estimate how long all of it takes here',
    )
    .option('--no-frames', 'leave example images out of the report')
    .option(
      '--ignore-record',
      "also run steps whose results only the folder's record.jsonl has, such as another machine's",
    )
    .option('--only <names...>', 'work on these levels and methods only; what has a = is a level')
    .option('--same-machine', "count only results of machines of this one's kind, with as many threads")
    .addOption(queueOption())
    .addOption(storeOption())
    .addOption(engineOption("what computes, instead of the config's"))
    .addOption(precisionOption("of training and evaluation, instead of the config's"))
    .addOption(threadsOption("the engine's threads, instead of the config's"))
    .addOption(jsonOption())
    .action(withContext(runConfig));
  addExamples(
    command,
    'gearnn run experiments/camvid-jpeg/config.json --dry-run',
    'gearnn run experiments/demo/config.json --dry-run --estimate',
    'CAMVID=/data/camvid gearnn run experiments/camvid-jpeg/config.json --no-frames',
    'gearnn run experiments/camvid-jpeg/config.json --only jpeg=5 jpeg=10',
    'gearnn run experiments/camvid-jpeg/config.json --only jpeg=5 original bn',
    'gearnn run experiments/camvid-jpeg/config.json --queue redis://127.0.0.1:6379/0 --store runs/store',
    'gearnn run experiments/table-1/config.json',
  );
}

/** Runs an experiment and prints its table last. */
export async function runConfig(context: Context, config: string, options: RunFlags): Promise<void> {
  if (options.estimate && !options.dryRun) await refuseEstimate();
  const out = options.out ?? dirname(config);
  const files = { '--out': RESULTS.map((name) => join(out, name)) };
  await keepInputs({ files }, { files: { config } });
  const { readKind } = await import('../src/pipeline/kind.js');
  if ((await readKind(config)) === 'memory') return runMemory(context, config, options);
  const [
    { readExperiment },
    { isAhead },
    { planExperiment, runExperiment },
    { levelLines },
    { withOldNames },
    { openStore },
    { onQueue },
  ] = await Promise.all([
    import('../src/pipeline/experiment.js'),
    import('../src/pipeline/plan.js'),
    import('../src/pipeline/run.js'),
    import('../src/report/lines.js'),
    import('../src/report/results.js'),
    import('../src/pipeline/store/open-store.js'),
    import('../src/queue/run-on-queue.js'),
  ]);
  if (options.queue !== undefined) await requireStore(options);
  const signal = context.interruptible(`gearnn ${process.argv.slice(2).join(' ')}`);
  const experiment = withFlags(await readExperiment(config), options);
  const { engine: name, precision, threads } = experiment;
  // In fp32, which every machine has: what is done already may have been made on another.
  const engine = {
    ...(await openEngine(context, { engine: name, precision: 'fp32', threads })),
    precision: precision.train,
  };
  const { data, base } = experiment;
  await keepInputs(
    { files, wholes: { '--out': join(out, 'frequency') } },
    { folders: { 'base.checkpoint': base.checkpoint }, data: { data } },
  );
  const shared: ExperimentOptions = {
    experiment,
    work: options.work ?? join('runs', experiment.experiment),
    engine,
    only: options.only,
    frames: options.frames,
    record: join(out, 'record.jsonl'),
    ignoreRecord: options.ignoreRecord,
    store: options.store === undefined ? undefined : await openStore(options.store),
    progress: context.progress,
    signal,
  };
  if (options.estimate) {
    await openEngine(context, { engine: name, precision: precision.train, threads, imitateBf16: true });
    return estimate(context, shared);
  }
  const steps = await planExperiment(shared);
  if (options.dryRun) {
    if (context.json) return printJson({ steps });
    return printTable(
      steps.map(({ id, state, why }) => [state, id, why]),
      { head: ['state', 'step', 'why'], align: ['left', 'left', 'left'] },
    );
  }
  const { queue } = options;
  if (queue === undefined && steps.some((step) => step.bf16 && isAhead(step)))
    await openEngine(context, { engine: name, precision: 'bf16', threads, imitateBf16: true });
  const { results, path, html, markdown } = await runExperiment({
    ...shared,
    out,
    command: commandLine(config, experiment.variables, options),
    execute:
      queue === undefined
        ? undefined
        : await onQueue({ queue, experiment, engine, frames: options.frames, onNote: context.note }),
    ...createStepPrinter(steps, context.note),
  });
  if (context.json) return printJson({ ...withOldNames(results), files: { results: path, html, markdown } });
  summary(`${path}\n${markdown}\n${html}\n`);
  for (const [i, line] of levelLines(results).entries()) summary(i === 0 ? paint('bold', line) : line);
}

/** A run that was to be estimated alone must not begin. */
async function refuseEstimate(): Promise<void> {
  const { fail } = await import('../src/common/errors.js');
  fail('E_USAGE', {
    where: '--estimate',
    expected: '--dry-run beside it',
    got: 'none',
    todo: 'Add --dry-run: an estimate runs nothing.',
  });
}

async function estimate(context: Context, options: ExperimentOptions): Promise<void> {
  const { estimateExperiment } = await import('../src/pipeline/estimate.js');
  const { planned: steps, estimate: found } = await estimateExperiment(options);
  if (context.json) return printJson({ steps, estimate: found });
  const { printEstimate } = await import('./estimate.js');
  printEstimate(found);
}

/** Flags are stronger than the config. */
function withFlags(experiment: Experiment, { engine, threads, precision, sameMachine }: RunFlags): Experiment {
  return {
    ...experiment,
    ...(engine && { engine }),
    ...(threads && { threads }),
    ...(sameMachine && { sameMachine }),
    ...(precision && { precision: { train: precision, evaluate: precision } }),
  };
}

/** What makes the results again, on any machine: the flags that matter, and variables in place of paths. */
function commandLine(config: string, variables: string[], options: RunFlags): string {
  const { frames, engine, precision, threads, sameMachine } = options;
  const flags = Object.entries({ engine, precision, threads }).filter(([, value]) => value !== undefined);
  return [
    ...variables.map((name) => `${name}=...`),
    `npx gearnn run ${relative('.', config)}`,
    ...flags.map(([name, value]) => `--${name} ${value}`),
    ...(sameMachine ? ['--same-machine'] : []),
    ...(frames ? [] : ['--no-frames']),
  ].join(' ');
}
