import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../src/common/files.js';
import type { Engine } from '../../src/engine/start.js';
import { buildGraph } from '../../src/pipeline/experiment-graph.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { inOrder, type Json, type Step } from '../../src/pipeline/graph.js';
import { stepIdentity } from '../../src/pipeline/identity.js';
import { presentIdentity } from '../../src/pipeline/migrate.js';
import { ROOT } from '../support/sources.js';

const FIXTURES = join(ROOT, 'test/fixtures/pipeline');

/** All that steps are addressed by, with inputs by their ids; hashes of images by the order in which they come up. */
function identitiesOf(steps: readonly Step[]): string[] {
  const hashes: string[] = [];
  return steps.map((step) => {
    const names = Object.fromEntries(Object.entries(step.inputs).map(([name, input]) => [name, input.id]));
    return canonicalJson({ ...stepIdentity(step, {}), inputs: names }).replace(/[0-9a-f]{64}/g, (hash) => {
      if (!hashes.includes(hash)) hashes.push(hash);
      return `hash ${hashes.indexOf(hash) + 1}`;
    });
  });
}

describe('pipeline: addresses of steps', () => {
  let work: string;
  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'gearnn-addresses-'));
  });
  after(() => rm(work, { recursive: true, force: true }));

  // Made by gearnn as it was before there were other methods than these three, with threads in addresses; results of that time still count.
  it('of original, adaptor and switching are what they were before there were other methods', async () => {
    const engine = { name: 'tensorflow', version: '0', precision: 'bf16', threads: 2 } as Engine;
    const experiment = await readExperiment(join(FIXTURES, 'addresses-config.json'));
    const { clean, levels } = await buildGraph({ experiment, work, engine, frames: true });
    const goals = levels.flatMap(({ cells, frames }) => [
      ...cells.flatMap(({ candidate, evaluation }) => [candidate.tuned ?? [], evaluation].flat()),
      ...(frames ? [frames] : []),
    ]);
    const lines = readFileSync(join(FIXTURES, 'addresses.jsonl'), 'utf8').trimEnd().split('\n');
    const expected = lines.map((line) => canonicalJson(presentIdentity(JSON.parse(line) as { settings: Json })));
    expect(identitiesOf(inOrder([clean, ...goals])).sort()).to.deep.equal(expected.sort());
  });
});
