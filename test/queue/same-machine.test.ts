import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../src/engine/start.js';
import { buildGraph } from '../../src/pipeline/experiment-graph.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import type { Json } from '../../src/pipeline/graph.js';
import { StepResults } from '../../src/pipeline/step-results.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { asJson, describeExperiment, describeQueued, type DescribedStep } from '../../src/queue/described-step.js';
import { ExperimentSource } from '../../src/queue/experiment-source.js';
import { StepRefused } from '../../src/queue/host.js';
import { SMALL_RUN } from '../pipeline/support/small-run.js';

describe('queue: a run of one kind of machine', () => {
  let folder: string;
  let described: DescribedStep;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-same-machine-'));
    const path = join(folder, 'config.json');
    // The config does not ask for it: the flag of `gearnn run` does.
    await writeFile(path, JSON.stringify({ ...SMALL_RUN, engine: 'cpu' }));
    const experiment = { ...(await readExperiment(path)), sameMachine: true };
    const engine = { ...(await startEngine({ engine: 'cpu' })), threads: 2 };
    const { base } = await buildGraph({ experiment, work: folder, engine, frames: false });
    const results = new StepResults(new FolderStore(join(folder, 'store')));
    described = describeQueued(await describeExperiment(experiment, engine, false), base.step, results);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** @param machine in the place of what the run's own machine is */
  const prepare = (machine: object) => {
    const job = JSON.parse(JSON.stringify(described)) as { identity: { settings: { engine: { machine: object } } } };
    Object.assign(job.identity.settings.engine.machine, machine);
    const source = new ExperimentSource(new FolderStore(join(folder, 'store')), {});
    return source.prepare(job as unknown as Json);
  };

  it('gives steps to workers of that kind', async () => {
    const { identity } = await prepare({ threads: 1 });
    expect(identity.id).to.equal('base');
    expect(asJson(described)).to.have.nested.property('identity.settings.engine.machine.processor');
  });

  for (const [other, machine, got] of [
    ['another processor', { threads: 1, processor: 'Z80' }, 'was "Z80"'],
    ['another number of threads', { threads: 2 }, 'engine.machine.threads is 1, was 2'],
  ] as const) {
    it(`is refused by a worker of ${other}, by name`, async () => {
      const error = await prepare(machine).catch((reason: unknown) => reason as Error);
      expect(error).to.be.instanceOf(StepRefused);
      expect((error as Error).message)
        .to.contain('step "base"')
        .and.contain(got);
    });
  }
});
