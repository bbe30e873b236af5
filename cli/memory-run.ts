import { dirname, relative } from 'node:path';
import { fail } from '../src/common/errors.js';
import type { Context } from './context.js';
import type { RunFlags } from './experiment.js';
import { printJson, printTable, stdout } from './output.js';

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
  stdout(`${files.results}\n${files.markdown}`);
  for (const own of results.cases) {
    const { head, rows } = memoryCaseTable(own);
    stdout(`\n${own.name}`);
    printTable(rows, { head });
  }
}

/** Flags that would do nothing here. */
function refuseFlags(config: string, { frames, work, only, engine, precision, threads, ignoreRecord }: RunFlags): void {
  const given = Object.entries({
    '--work': work,
    '--only': only,
    '--engine': engine,
    '--precision': precision,
    '--threads': threads,
    '--ignore-record': ignoreRecord,
    '--no-frames': frames ? undefined : true,
  }).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  fail('E_USAGE', {
    where: given[0]![0],
    expected: 'an experiment that trains and evaluates',
    got: `${config}, of kind "memory", which only counts`,
    todo: 'Leave it out.',
  });
}
