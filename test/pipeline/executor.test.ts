import { expect } from 'chai';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../src/common/errors.js';
import { failureOf } from '../../src/pipeline/executor.js';
import { inOrder, type Json, type Step } from '../../src/pipeline/graph.js';
import { fake, runIn, workFolder } from './support/fake-steps.js';

describe('pipeline: executor', () => {
  let work: string;
  beforeEach(() => {
    work = workFolder();
  });
  afterEach(() => rm(work, { recursive: true, force: true }));

  /** `b` needs `a`; `other` stands alone. */
  function graph({ settings = 1, output, version = 1 }: { settings?: number; output?: number; version?: number } = {}) {
    const a = fake('a', { settings, version, output });
    const b = fake('b', { inputs: { a } });
    return { a, goals: [b, fake('other')] };
  }

  it('runs everything the first time and nothing the second time', async () => {
    expect((await runIn(work, graph().goals)).events).to.deep.equal(['run a', 'run b', 'run other']);
    expect((await runIn(work, graph().goals)).events).to.deep.equal(['cached a', 'cached b', 'cached other']);
  });

  it('hands on outputs and folders of inputs, from the store too', async () => {
    const a = fake('a', { output: { hash: 'h' } });
    const seen: unknown[] = [];
    const b = (settings: number): Step => {
      const during: Step['run'] = async (context) => {
        seen.push(context.output(a), await readFile(join(context.folderOf(a), 'result.json'), 'utf8'));
        return { output: null };
      };
      return fake('b', { settings, inputs: { a }, during });
    };
    await runIn(work, [b(1)]);
    await runIn(work, [b(2)]);
    expect(seen).to.deep.equal([{ hash: 'h' }, '{"hash":"h"}', { hash: 'h' }, '{"hash":"h"}']);
  });

  it('refuses a step the output of one that is not among its inputs', async () => {
    const a = fake('a');
    const b = fake('b', { during: async (context) => ({ output: context.output(a) }) });
    const { executor } = await runIn(work, [a, b]);
    expect(failureOf(executor.results.failures)?.message).to.contain(
      'step "b" reads "a", which is not among its inputs',
    );
  });

  describe('runs again', () => {
    it('what has other settings, and what depends on it', async () => {
      await runIn(work, graph().goals);
      expect((await runIn(work, graph({ settings: 2 }).goals)).events).to.deep.equal([
        'run a',
        'run b',
        'cached other',
      ]);
    });

    it('what a newer version of the step does', async () => {
      await runIn(work, graph().goals);
      const { events } = await runIn(work, graph({ version: 2 }).goals);
      expect(events).to.include('run a');
      expect(events).to.include('cached other');
    });

    it('no step whose inputs come out as before', async () => {
      await runIn(work, graph({ settings: 1, output: 7 }).goals);
      const { events } = await runIn(work, graph({ settings: 2, output: 7 }).goals);
      expect(events).to.deep.equal(['run a', 'cached b', 'cached other']);
    });

    it('no step that reads of its inputs what came out as before', async () => {
      const goals = (output: Json): Step[] => {
        const reads = { a: (made: Json) => (made as { chosen: Json }).chosen };
        return [{ ...fake('b', { inputs: { a: fake('a', { settings: output, output }) } }), reads }];
      };
      await runIn(work, goals({ chosen: [1, 2], sum: 3 }));
      expect((await runIn(work, goals({ chosen: [1, 2], sum: 4 }))).events).to.deep.equal(['run a', 'cached b']);
      expect((await runIn(work, goals({ chosen: [1, 3], sum: 4 }))).events).to.deep.equal(['run a', 'run b']);
      expect((await runIn(work, goals({ chosen: null, sum: 4 }))).events).to.deep.equal(['run a', 'run b']);
      expect((await runIn(work, goals({ chosen: null, sum: 5 }))).events).to.deep.equal(['run a', 'cached b']);
    });

    it('nothing when settings go back to what they were', async () => {
      await runIn(work, graph({ settings: 1 }).goals);
      await runIn(work, graph({ settings: 2 }).goals);
      const { events } = await runIn(work, graph({ settings: 1 }).goals);
      expect(events).to.deep.equal(['cached a', 'cached b', 'cached other']);
    });

    for (const [what, harm] of [
      ['gone', (path: string) => rm(path)],
      ['cut short', (path: string) => writeFile(path, '')],
    ] as const) {
      it(`a step with a file that is ${what}`, async () => {
        const first = graph();
        const { executor } = await runIn(work, first.goals);
        await harm(join(await executor.results.folderOf(first.a), 'result.json'));
        const { events } = await runIn(work, graph().goals);
        expect(events).to.deep.equal(['run a', 'cached b', 'cached other']);
      });
    }

    it('a step whose stamp cannot be read', async () => {
      const first = graph();
      const { executor } = await runIn(work, first.goals);
      await writeFile(join(await executor.results.folderOf(first.a), 'stamp.json'), '{"format":');
      expect((await runIn(work, graph().goals)).events[0]).to.equal('resume a');
    });
  });

  it('gives steps of equal work one folder, whatever their ids', async () => {
    await runIn(work, [fake('a', { settings: 1 })]);
    const { events } = await runIn(work, [fake('renamed', { settings: 1 })]);
    expect(events).to.deep.equal(['cached renamed']);
    expect(await readdir(join(work, 'steps'))).to.have.length(1);
  });

  describe('when a step fails', () => {
    const broken = (): Step =>
      fake('broken', {
        during: async () => fail('E_SHAPE', { where: 'x', expected: '[1]', got: '[2]' }),
      });

    it('it runs what does not need it, and leaves out what does', async () => {
      const bad = broken();
      const goals = [fake('needs it', { inputs: { bad } }), fake('does not')];
      const { events, complete } = await runIn(work, goals);
      expect(events).to.deep.equal(['run broken', 'failed broken', 'run does not']);
      expect(complete).to.equal(false);
    });

    it('the error names the step and its cause, and counts the others', async () => {
      const { executor } = await runIn(work, [broken(), { ...broken(), id: 'too', settings: 2 }]);
      const error = failureOf(executor.results.failures)!;
      expect(error.code).to.equal('E_PIPELINE_STEP');
      expect(error.message).to.contain('step "broken"').and.contain('x: expected [1], got [2]').and.contain('1 more');
      expect(error.cause).to.have.property('code', 'E_SHAPE');
    });

    it('the error names what was thrown, were it no error at all', () => {
      for (const thrown of [undefined, 'a word']) {
        expect(failureOf(new Map([[broken(), thrown]]))!.message).to.contain(`an error: ${thrown}`);
      }
    });

    it('results of others stay, and a mended step goes on alone', async () => {
      await runIn(work, [fake('good'), broken()]);
      const { events } = await runIn(work, [fake('good'), fake('broken')]);
      expect(events).to.deep.equal(['cached good', 'resume broken']);
    });
  });

  it('an abort ends the running step, keeps what is done and resumes', async () => {
    const stop = new AbortController();
    const slow = (settings: string): Step =>
      fake('slow', {
        settings,
        during: async ({ signal, folder }) => {
          await writeFile(join(folder, 'half.txt'), 'half');
          stop.abort(new Error('stopped'));
          signal.throwIfAborted();
          return { output: null };
        },
      });
    const goals = [fake('first'), slow('s'), fake('last')];
    await expectRejection(runIn(work, goals, { signal: stop.signal }), 'stopped');

    const resumed: unknown[] = [];
    const during: Step['run'] = async ({ resuming, folder }) => {
      resumed.push(resuming, await readFile(join(folder, 'half.txt'), 'utf8'));
      return { output: null };
    };
    const { events } = await runIn(work, [fake('first'), fake('slow', { settings: 's', during }), fake('last')]);
    expect(events).to.deep.equal(['cached first', 'resume slow', 'run last']);
    expect(resumed).to.deep.equal([true, 'half']);
  });

  it('looking up finds what is there, runs nothing and stays silent until a goal needs it', async () => {
    const { a, goals } = graph();
    await runIn(work, [a]);
    const { executor, events } = await runIn(work, []);
    await executor.results.lookUp(inOrder(goals));
    expect(executor.results.outputOf(a)).to.deep.equal({ settings: 1, inputs: [] });
    expect(executor.results.stampOf(goals[0]!)).to.equal(undefined);
    expect(events).to.deep.equal([]);
    await executor.run([goals]);
    expect(events).to.deep.equal(['cached a', 'run b', 'run other']);
  });

  it('progress carries the id of the step', async () => {
    const tasks: string[] = [];
    const during: Step['run'] = async ({ progress }) => {
      progress({ task: 'epoch 1/1', done: 1, total: 1, unit: 'steps' });
      return { output: null };
    };
    await runIn(work, [fake('a', { during })], { progress: ({ task }) => tasks.push(task) });
    expect(tasks).to.deep.equal(['a: epoch 1/1']);
  });
});

async function expectRejection(promise: Promise<unknown>, message: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  expect(error?.message).to.equal(message);
}
