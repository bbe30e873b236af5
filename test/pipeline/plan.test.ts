import { expect } from 'chai';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, Step } from '../../src/pipeline/graph.js';
import { stepIdentity } from '../../src/pipeline/identity.js';
import { plan } from '../../src/pipeline/plan.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { fake, runIn, workFolder } from './support/fake-steps.js';

describe('pipeline: plan', () => {
  let work: string;
  beforeEach(() => {
    work = workFolder();
  });
  afterEach(() => rm(work, { recursive: true, force: true }));

  const graph = (settings: Json): Step[] => {
    const a = fake('a', { settings });
    return [fake('b', { inputs: { a } })];
  };
  const planned = async (goals: Step[]): Promise<string[]> =>
    (await plan(goals, new FolderStore(work))).map(({ id, state, why }) => `${id}: ${state}${why && `, ${why}`}`);

  it('says of each step whether it is cached, and why not', async () => {
    expect(await planned(graph(1))).to.deep.equal(['a: run, it never ran', 'b: run, it comes after "a"']);
    await runIn(work, graph(1));
    expect(await planned(graph(1))).to.deep.equal(['a: cached', 'b: cached']);
  });

  it('names the settings that changed, with what they were', async () => {
    await runIn(work, graph({ epochs: 4, engine: { name: 'wasm' } }));
    expect((await planned(graph({ epochs: 8, engine: { name: 'cpu' } })))[0]).to.equal(
      'a: run, engine.name is "cpu", was "wasm", epochs is 8, was 4',
    );
  });

  it('names the input that came out differently', async () => {
    await runIn(work, graph(1));
    await runIn(work, [fake('a', { settings: 2 })]);
    expect(await planned(graph(2))).to.deep.equal(['a: cached', 'b: run, its input "a" changed']);
  });

  it('tells a step that did not end from one that never ran', async () => {
    const store = new FolderStore(work);
    const [step] = [fake('a')];
    await store.begin(stepIdentity(step!, {}), { owner: 'another', silence: 60 });
    expect(await planned([step!])).to.deep.equal(['a: resume, it did not end']);
  });

  it('gives the folder of a result, and none that depends on steps to come', async () => {
    const [a, b] = await plan(graph(1), new FolderStore(work));
    expect(a!.folder).to.match(/steps\/fake-[0-9a-f]{16}$/);
    expect(b!.folder).to.equal(null);
  });

  it('writes nothing', async () => {
    await mkdir(join(work, 'steps'));
    await writeFile(join(work, 'steps', 'x'), '');
    await plan(graph(1), new FolderStore(work));
    const { readdir } = await import('node:fs/promises');
    expect(await readdir(work, { recursive: true })).to.have.members(['steps', 'steps/x']);
  });
});
