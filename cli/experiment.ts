import type { Command } from 'commander';
import { dirname, join, relative } from 'node:path';
import type { StepEvent } from '../src/pipeline/executor.js';
import type { Experiment } from '../src/pipeline/experiment.js';
import type { ExperimentOptions } from '../src/pipeline/run.js';
import { withContext, type Context } from './context.js';
import { openEngine } from './engine-start.js';
import { addExamples, engineOption, jsonOption, precisionOption, threadsOption } from './options.js';
import { paint, printJson, printTable, stdout } from './output.js';

/** Flags of a run, stronger than its config. */
export interface RunFlags {
  work?: string;
  out?: string;
  dryRun?: boolean;
  frames: boolean;
  ignoreRecord?: boolean;
  only?: string[];
  engine?: 'tensorflow' | 'wasm' | 'cpu';
  precision?: 'fp32' | 'bf16';
  threads?: number;
}

/** `gearnn run`: a whole experiment from one file. */
export function register(program: Command): void {
  const command = program
    .command('run')
    .description('run every step of an experiment that has no result yet, and write its tables and report')
    .argument('<config>', 'config file of the experiment')
    .option('--work <dir>', "folder for the steps' results; runs/EXPERIMENT unless said")
    .option('--out <dir>', "folder for results.json, record.jsonl, report.md and report.html; the config's unless said")
    .option('--dry-run', 'show what would run, and why; run nothing')
    .option('--no-frames', 'leave example images out of the report')
    .option(
      '--ignore-record',
      "run also what only the folder's record.jsonl knows of, such as another machine's results",
    )
    .option('--only <level...>', 'work on these levels alone')
    .addOption(engineOption("what computes, instead of the config's"))
    .addOption(precisionOption("of training and evaluation, instead of the config's"))
    .addOption(threadsOption("the engine's threads, instead of the config's"))
    .addOption(jsonOption())
    .action(withContext(runConfig));
  addExamples(
    command,
    'gearnn run experiments/camvid-jpeg/config.json --dry-run',
    'CAMVID=/data/camvid gearnn run experiments/camvid-jpeg/config.json --no-frames',
    'gearnn run experiments/camvid-jpeg/config.json --only jpeg=5 --only jpeg=10',
  );
}

/** Runs an experiment and prints its table last. */
export async function runConfig(context: Context, config: string, options: RunFlags): Promise<void> {
  const [{ readExperiment }, { planExperiment, runExperiment }, { levelLines }] = await Promise.all([
    import('../src/pipeline/experiment.js'),
    import('../src/pipeline/run.js'),
    import('../src/report/lines.js'),
  ]);
  const signal = context.interruptible(`gearnn ${process.argv.slice(2).join(' ')}`);
  const experiment = withFlags(await readExperiment(config), options);
  const { engine: name, precision, threads } = experiment;
  const engine = await openEngine(context, { engine: name, precision: precision.train, threads });
  const out = options.out ?? dirname(config);
  const shared: ExperimentOptions = {
    experiment,
    work: options.work ?? join('runs', experiment.experiment),
    engine,
    only: options.only,
    frames: options.frames,
    record: join(out, 'record.jsonl'),
    ignoreRecord: options.ignoreRecord,
    progress: context.progress,
    signal,
  };
  if (options.dryRun) {
    const steps = await planExperiment(shared);
    if (context.json) return printJson({ steps });
    return printTable(
      steps.map(({ id, state, why }) => [state, id, why]),
      { head: ['state', 'step', 'why'], align: ['left', 'left', 'left'] },
    );
  }
  const { results, path, html, markdown } = await runExperiment({
    ...shared,
    out,
    command: commandLine(config, experiment.variables, options),
    ...createStepPrinter(context),
  });
  if (context.json) return printJson({ ...results, files: { results: path, html, markdown } });
  stdout(`${path}\n${markdown}\n${html}\n`);
  for (const [i, line] of levelLines(results).entries()) stdout(i === 0 ? paint('bold', line) : line);
}

/** Flags are stronger than the config. */
function withFlags(experiment: Experiment, { engine, threads, precision }: RunFlags): Experiment {
  return {
    ...experiment,
    ...(engine && { engine }),
    ...(threads && { threads }),
    ...(precision && { precision: { train: precision, evaluate: precision } }),
  };
}

/** What makes the results again, on any machine: the flags that matter, and variables in place of paths. */
function commandLine(config: string, variables: string[], { frames, engine, precision, threads }: RunFlags): string {
  const flags = Object.entries({ engine, precision, threads }).filter(([, value]) => value !== undefined);
  return [
    ...variables.map((name) => `${name}=...`),
    `npx gearnn run ${relative('.', config)}`,
    ...flags.map(([name, value]) => `--${name} ${value}`),
    ...(frames ? [] : ['--no-frames']),
  ].join(' ');
}

/** A line when a step begins and one when it ends; those that are done already are only counted. */
function createStepPrinter({ note }: Context): {
  onStart: (steps: number) => void;
  onStep: (event: StepEvent) => void;
} {
  let [total, seen, cached] = [0, 0, 0];
  return {
    onStart: (steps) => (total = steps),
    onStep({ step, event, why, seconds }) {
      if (event !== 'done' && event !== 'failed') seen++;
      if (event === 'cached') return void cached++;
      if (cached > 0) note(`${cached} of ${total} steps are done already`);
      cached = 0;
      if (event === 'done') note(`${step.id}: done in ${duration(seconds!)}`);
      else if (event === 'failed') note(`${step.id}: failed: ${why}`);
      else note(`[${seen}/${total}] ${step.id}: ${event === 'resume' ? 'goes on' : 'begins'} (${why})`);
    },
  };
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
