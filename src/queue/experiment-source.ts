import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gearnnVersion } from '../common/version.js';
import { thisMachine } from '../engine/machine.js';
import { startEngine, type Engine, type EngineOptions } from '../engine/start.js';
import { buildGraph } from '../pipeline/experiment-graph.js';
import { experimentOf } from '../pipeline/experiment.js';
import { goalsOf } from '../pipeline/goals.js';
import { inOrder, type Json, type Step } from '../pipeline/graph.js';
import type { Store } from '../pipeline/store/store.js';
import { resolveStep, type ArrivedStep } from '../pipeline/travel.js';
import type { DescribedExperiment, DescribedStep } from './described-step.js';
import { type PreparedStep, type StepSource, StepRefused } from './host.js';

/** Makes steps of experiments whose configs come with the jobs; data are found by this machine's own environment variables. */
export class ExperimentSource implements StepSource {
  /** The steps of each experiment, by its description. */
  private readonly graphs = new Map<string, Promise<Map<string, Step>>>();
  private engine: Engine | undefined;

  /** @param options of the worker's engine; its name in the place of the experiment's own */
  constructor(
    private readonly store: Store,
    private readonly options: Pick<EngineOptions, 'engine' | 'threads'>,
  ) {}

  async prepare(job: Json): Promise<PreparedStep> {
    const described = job as unknown as DescribedStep;
    const { version, experiment, grounds } = described;
    if (version !== gearnnVersion())
      throw new StepRefused(`it is of gearnn ${version}, and this worker of ${gearnnVersion()}`);
    // Whatever this machine lacks for it, another may have.
    const steps = await this.stepsOf(experiment).catch(refuse);
    const { step, identity } = arrived(described, steps);
    if (JSON.stringify(step.settings).includes('"precision":"bf16"'))
      await this.start(experiment, 'bf16').catch(refuse);
    const folders = new Map<string, string>();
    for (const { id } of Object.values(step.inputs)) {
      // Of one that only the record knows of there are none, and the step does not read them.
      const folder = await this.store.folderOf(grounds[id]!.identity).catch(() => undefined);
      if (folder !== undefined) folders.set(id, folder);
    }
    return {
      step,
      identity,
      inputs: {
        output: ({ id }) => grounds[id]!.output,
        folderOf: ({ id }) => {
          const folder = folders.get(id);
          if (folder !== undefined) return folder;
          throw new Error(`${this.store.place} has no files of step "${id}"`);
        },
      },
    };
  }

  computer() {
    const { engine } = this;
    return engine ? { machine: thisMachine(engine), threads: engine.threads } : {};
  }

  private stepsOf(experiment: DescribedExperiment): Promise<Map<string, Step>> {
    const key = JSON.stringify(experiment);
    const known = this.graphs.get(key);
    if (known) return known;
    const made = this.makeSteps(experiment);
    this.graphs.set(key, made);
    // Data may be mounted meanwhile.
    made.catch(() => this.graphs.delete(key));
    return made;
  }

  private async makeSteps(described: DescribedExperiment): Promise<Map<string, Step>> {
    const { config, path, frames } = described;
    const experiment = experimentOf(config, path);
    const engine = { ...(await this.start(described, 'fp32')), precision: experiment.precision.train };
    // Hashes of the data's files, which all workers of this machine share.
    const work = join(tmpdir(), 'gearnn-worker');
    const graph = await buildGraph({ experiment, engine, work, frames });
    const steps = inOrder(goalsOf(graph, { experiment }).flat());
    return new Map(steps.map((step) => [step.id, step]));
  }

  private async start({ config }: DescribedExperiment, precision: 'fp32' | 'bf16'): Promise<Engine> {
    const { engine = config.engine, threads } = this.options;
    this.engine = await startEngine({ engine, threads, precision, imitateBf16: precision === 'bf16' });
    return this.engine;
  }
}

/** The step among this machine's own. */
function arrived(described: DescribedStep, steps: ReadonlyMap<string, Step>): ArrivedStep {
  try {
    return resolveStep(described, steps);
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  throw new StepRefused(error instanceof Error ? error.message : String(error), { cause: error });
}
