import { expect } from 'chai';
import { mkdtempSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, StepContext } from '../../src/pipeline/graph.js';
import { stepIdentity } from '../../src/pipeline/identity.js';
import { givenBase } from '../../src/pipeline/steps/base.js';
import { ROOT } from '../support/sources.js';
import { fake } from './support/fake-steps.js';

describe('pipeline: a given base', () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-base-'));
    await cp(join(ROOT, 'checkpoints/demo'), folder, { recursive: true });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const outputOf = async () => (await (await givenBase(folder)).step.run({} as StepContext)).output;

  it('comes to another output with the same weights and another preprocessing, as everything after it has to run', async () => {
    const first = await outputOf();
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as object;
    const preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, preprocessing }));
    const second = await outputOf();
    expect(second).to.deep.equal({ ...first, preprocessing });
    expect(readBy(second)).not.to.deep.equal(readBy(first));
  });

  it('with the usual preprocessing stands for one of before that was part of it', async () => {
    await cp(join(ROOT, 'checkpoints/demo'), folder, { recursive: true });
    const { hash, network, recorded, preprocessing } = await outputOf();
    expect(preprocessing).to.deep.equal({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
    expect(readBy({ hash, network, recorded })).to.deep.equal(readBy({ hash, network, recorded, preprocessing }));
  });
});

/** How a step that reads the base is addressed by what that came to. */
const readBy = (output: Json): unknown => stepIdentity(fake('reader'), { base: output }).inputs;
