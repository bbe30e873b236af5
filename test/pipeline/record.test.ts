import { expect } from 'chai';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Executor, type StepEvent } from '../../src/pipeline/executor.js';
import { inOrder, type Step } from '../../src/pipeline/graph.js';
import { plan } from '../../src/pipeline/plan.js';
import { readRecord, updateRecord } from '../../src/pipeline/record.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { fake, runIn, workFolder } from './support/fake-steps.js';

/** `b` reads `a`, `c` reads `b`; `d` reads `a`. */
function graph({ a = 1, c = 1, d = 1, output }: { a?: number; c?: number; d?: number; output?: number } = {}): Step[] {
  const first = fake('a', { settings: a, output });
  const second = fake('b', { inputs: { first } });
  return [fake('c', { settings: c, inputs: { second } }), fake('d', { settings: d, inputs: { first } })];
}

describe('pipeline: record', () => {
  let here: string;
  let elsewhere: string;
  let path: string;
  beforeEach(() => {
    [here, elsewhere] = [workFolder(), workFolder()];
    path = join(here, 'record.jsonl');
  });
  afterEach(() => Promise.all([here, elsewhere].map((folder) => rm(folder, { recursive: true, force: true }))));

  const record = (executor: Executor, goals: Step[]): Promise<void> =>
    updateRecord(path, { merge: () => inOrder(goals).flatMap((step) => executor.results.stampOf(step) ?? []) });
  /** Runs goals elsewhere and brings only the record over. */
  async function recordElsewhere(goals: Step[]): Promise<void> {
    const { executor } = await runIn(elsewhere, goals);
    await record(executor, goals);
  }
  const run = async (goals: Step[]) => runIn(here, goals, { record: await readRecord(path) });
  const planned = async (goals: Step[]): Promise<string[]> =>
    (await plan(goals, new FolderStore(here), await readRecord(path))).map(({ id, state }) => `${state} ${id}`);

  it('runs nothing where everything is recorded, and knows every output', async () => {
    await recordElsewhere(graph());
    const goals = graph();
    const { events, executor, complete } = await run(goals);
    expect(events).to.deep.equal(['cached a', 'cached b', 'cached c', 'cached d']);
    expect(complete).to.equal(true);
    expect(executor.results.outputOf(goals[1]!)).to.deep.equal({ settings: 1, inputs: [{ settings: 1, inputs: [] }] });
    expect(executor.results.hasFiles(goals[1]!)).to.equal(false);
    const error = await executor.results.folderOf(goals[1]!).catch((reason: Error) => reason);
    expect(error).to.have.property('message', 'the files of step "d" are not here');
  });

  it('runs what is new, and for their files what that reads', async () => {
    await recordElsewhere(graph());
    expect(await planned(graph({ c: 2 }))).to.deep.equal(['run a', 'run b', 'run c', 'recorded d']);
    expect((await run(graph({ c: 2 }))).events).to.deep.equal(['run a', 'run b', 'run c', 'cached d']);
    expect(await planned(graph({ c: 2 }))).to.deep.equal(['cached a', 'cached b', 'cached c', 'recorded d']);
  });

  it('runs only what the new step reads', async () => {
    await recordElsewhere(graph());
    expect(await planned(graph({ d: 2 }))).to.deep.equal(['run a', 'recorded b', 'recorded c', 'run d']);
    expect((await run(graph({ d: 2 }))).events.filter((event) => event.startsWith('run'))).to.deep.equal([
      'run a',
      'run d',
    ]);
  });

  it('runs no step for files that never made any', async () => {
    const goals = (settings: number): Step[] => {
      const plain: Step = { ...fake('chooses'), run: async () => ({ output: 5 }) };
      return [fake('reads', { settings, inputs: { plain } })];
    };
    await recordElsewhere(goals(1));
    expect(await planned(goals(2))).to.deep.equal(['recorded chooses', 'run reads']);
    expect((await run(goals(2))).events).to.deep.equal(['cached chooses', 'run reads']);
  });

  it('writes files that hold no more than the output from that, and reads no files for it', async () => {
    const goals = (settings: number, write: (text: string) => string): Step[] => {
      const first = fake('a');
      const second = fake('b', { inputs: { first } });
      second.restore = async (output, { folder, output: outputOf }) => {
        expect(outputOf(first)).to.deep.equal({ settings: 'a', inputs: [] });
        await writeFile(join(folder, 'result.json'), write(JSON.stringify(output)));
        return true;
      };
      return [fake('c', { settings, inputs: { second } })];
    };
    const asIs = (text: string): string => text;
    await recordElsewhere(goals(1, asIs));
    expect(await planned(goals(2, asIs))).to.deep.equal(['recorded a', 'recorded b', 'run c']);
    // Of another size than the recorded ones: not its files.
    const { events } = await run(goals(2, (text) => `${text} `));
    expect(events).to.deep.equal(['cached a', 'run a', 'run b', 'run c']);
    await rm(join(here, 'steps'), { recursive: true });
    const again = await run(goals(2, asIs));
    expect(again.events).to.deep.equal(['cached a', 'cached b', 'run c']);
    expect(again.executor.results.hasFiles(goals(2, asIs)[0]!)).to.equal(false);
    const [, b] = inOrder(goals(2, asIs));
    expect(await planned([b!])).to.deep.equal(['recorded a', 'cached b']);
  });

  it('looks again at what followed from a step that comes out otherwise here', async () => {
    await recordElsewhere(graph({ output: 7 }));
    // The same work by settings and inputs; another machine's arithmetic.
    const { events, executor } = await run(graph({ output: 8, d: 2 }));
    expect(events.filter((event) => event.startsWith('run'))).to.deep.equal(['run a', 'run b', 'run c', 'run d']);
    const goals = graph({ output: 8, d: 2 });
    await record(executor, graph());
    expect((await runIn(here, goals)).events).to.deep.equal(['cached a', 'cached b', 'cached c', 'cached d']);
  });

  it('and at what followed in an earlier group', async () => {
    const groups = (output: number): Step[][] => {
      const [c, d] = graph({ output, d: output });
      return [[c!], [d!]];
    };
    await recordElsewhere(groups(7).flat());
    const recorded = await readRecord(path);
    const ran: string[] = [];
    const onStep = ({ step, event }: StepEvent): void => {
      if (event === 'run') ran.push(step.id);
    };
    const executor = new Executor({ store: new FolderStore(here), record: recorded, onStep });
    const done: (string | undefined)[][] = [];
    const goals = groups(8);
    const complete = await executor.run(goals, async () => {
      done.push(goals.flat().map((goal) => executor.results.stampOf(goal)?.step.id));
    });
    expect(ran).to.deep.equal(['a', 'd', 'b', 'c']);
    expect(done).to.deep.equal([
      ['c', undefined],
      [undefined, 'd'],
      ['c', 'd'],
      ['c', 'd'],
    ]);
    expect(complete).to.equal(true);
  });

  it('makes the files of steps of the same address once', async () => {
    const goals = (settings: number): Step[] => {
      const [one, two] = ['one', 'two'].map((id) => fake(id, { settings: 'shared' }));
      return [fake('reads', { settings, inputs: { one: one!, two: two! } })];
    };
    await recordElsewhere(goals(1));
    expect((await run(goals(2))).events).to.deep.equal(['run one', 'cached two', 'run reads']);
  });

  it('leaves out what needs the files of a step that fails here', async () => {
    await recordElsewhere(graph());
    const first = fake('a', { settings: 1, during: () => Promise.reject(new Error('no')) });
    const second = fake('b', { inputs: { first } });
    const { events, complete } = await run([fake('c', { settings: 2, inputs: { second } }), fake('alone')]);
    expect(events).to.deep.equal(['run a', 'failed a', 'cached b', 'run alone']);
    expect(complete).to.equal(false);
  });

  it('does not restore what stands on a step that fails here', async () => {
    const goals = (settings: number, during?: Step['run']): Step[] => {
      const first = fake('a', { during });
      const second: Step = { ...fake('b', { inputs: { first } }), restore: () => Promise.resolve(true) };
      return [fake('c', { settings, inputs: { first, second } }), fake('alone')];
    };
    await recordElsewhere(goals(1));
    const { events } = await run(goals(2, () => Promise.reject(new Error('no'))));
    expect(events).to.deep.equal(['run a', 'failed a', 'cached b', 'cached alone']);
  });

  it('tells what a recorded step was made from, where it has to run again', async () => {
    await recordElsewhere(graph());
    const [first] = await plan(graph({ a: 2 }), new FolderStore(here), await readRecord(path));
    expect(first).to.include({ state: 'run', why: 'its setting is 2, was 1' });
  });

  it('goes on with an interrupted step whose files are needed', async () => {
    await recordElsewhere(graph());
    await run(graph({ d: 2 }));
    const [a] = inOrder(graph());
    await rm(join(await new FolderStore(here).folderOf(stepOf(a!)), 'stamp.json'));
    expect((await run(graph({ d: 3 }))).events).to.include('resume a');
  });

  it('says on which machine each step ran; of before that was kept, it says nothing', async () => {
    const there = { processor: 'A CPU', gpu: 'A GPU', engine: 'tensorflow', version: '2.21.0' };
    const local = { processor: 'Another CPU', engine: 'cpu', version: '4.22.0' };
    const [goal, other] = graph();
    const { executor } = await runIn(elsewhere, [goal!], { machine: there });
    await record(executor, [goal!]);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const old = JSON.stringify({ ...(JSON.parse(lines[0]!) as object), machine: undefined });
    await writeFile(path, [old, ...lines.slice(1)].join('\n'));
    const recorded = await readRecord(path);
    const after = await runIn(here, [goal!], { record: recorded, machine: local });
    expect(after.events).to.deep.equal(['cached a', 'cached b', 'cached c']);
    expect(inOrder([goal!]).map((step) => after.executor.results.stampOf(step)!.machine)).to.deep.equal([
      undefined,
      there,
      there,
    ]);
    const next = await runIn(here, [other!], { record: recorded, machine: local });
    expect(next.executor.results.stampOf(other!)!.machine).to.deep.equal(local);
  });

  it('is empty where there is no file, and names the line that is damaged', async () => {
    expect((await readRecord(path)).find(stepOf(fake('a')))).to.equal(undefined);
    await recordElsewhere(graph());
    await writeFile(path, `${await readFile(path, 'utf8')}{"format":"gearnn-step"\n`);
    const error = await readRecord(path).catch((reason: Error) => reason);
    expect(error).to.have.property('code', 'E_PIPELINE_RECORD');
    expect((error as Error).message).to.contain('record.jsonl: line 5');
  });
});

function stepOf({ id, kind, version, settings }: Step) {
  return { id, kind, version, settings, inputs: {} };
}
