import { dirname, join, relative } from 'node:path';
import { fail } from '../src/common/errors.js';
import type { Context } from './context.js';
import type { memoryCaseTable, MemoryResults } from '../src/report/memory-results.js';
import type { RunFlags } from './run-flags.js';
import { printJson, printTable, summary } from './output.js';

/** `gearnn run` of a config of kind `memory`: counts, which take no time, no data and nothing native. */
export async function runMemory(context: Context, config: string, options: RunFlags): Promise<void> {
  refuseFlags(config, options);
  const [{ readMemoryExperiment, countMemory, writeMemoryResults }, { startEngine }, { memoryCaseTable }] =
    await Promise.all([
      import('../src/pipeline/memory-experiment.js'),
      import('../src/engine/start.js'),
      import('../src/report/memory-results.js'),
    ]);
  const experiment = await readMemoryExperiment(config);
  // Counting computes nothing, so nothing native has to be there for it.
  await startEngine({ engine: 'cpu', verbose: context.verbose });
  const results = countMemory(experiment, `npx gearnn run ${relative('.', config)}`);
  if (options.dryRun) {
    const steps = results.cases.map(({ name }) => ({
      state: 'run',
      id: `count ${name}`,
      why: 'counting takes no time',
    }));
    if (context.json) return printJson({ steps });
    return printTable(
      steps.map(({ state, id, why }) => [state, id, why]),
      { head: ['state', 'step', 'why'], align: ['left', 'left', 'left'] },
    );
  }
  const files = await writeMemoryResults(options.out ?? dirname(config), results);
  if (context.json) return printJson({ ...results, files });
  summary(`${files.results}\n${files.markdown}`);
  printCases(results, memoryCaseTable);
}

/** `gearnn report` of results of kind `memory`. */
export async function reportMemory(context: Context, path: string, out: string): Promise<void> {
  const [{ readMemoryResults, memoryCaseTable, renderMemoryMarkdown }, { writeFileAtomic }] = await Promise.all([
    import('../src/report/memory-results.js'),
    import('../src/common/files.js'),
  ]);
  const results = await readMemoryResults(path);
  const markdown = join(out, 'report.md');
  await writeFileAtomic(markdown, renderMemoryMarkdown(results));
  if (context.json) return printJson({ files: { markdown } });
  summary(markdown);
  printCases(results, memoryCaseTable);
}

function printCases({ cases }: MemoryResults, tableOf: typeof memoryCaseTable): void {
  for (const own of cases) {
    const { head, rows } = tableOf(own);
    summary(`\n${own.name}`);
    printTable(rows, { head }, summary);
  }
}

/** Flags that would do nothing here. */
function refuseFlags(config: string, flags: RunFlags): void {
  const { frames, work, only, queue, store, engine, precision, threads, sameMachine, ignoreRecord, estimate } = flags;
  const given = Object.entries({
    '--work': work,
    '--only': only,
    '--queue': queue,
    '--store': store,
    '--same-machine': sameMachine,
    '--engine': engine,
    '--precision': precision,
    '--threads': threads,
    '--ignore-record': ignoreRecord,
    '--estimate': estimate,
    '--no-frames': frames ? undefined : true,
  }).filter(([, value]) => value !== undefined);
  if (given.length > 0) refuse(given[0]![0], config);
}

/** @throws E_USAGE for a flag that an experiment of kind `memory` has no use for */
export function refuse(flag: string, file: string): never {
  return fail('E_USAGE', {
    where: flag,
    expected: 'an experiment that trains and evaluates',
    got: `${file}, of kind "memory", which only counts`,
    todo: 'Leave it out.',
  });
}
