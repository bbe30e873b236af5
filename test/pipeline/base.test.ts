import { expect } from 'chai';
import { mkdtempSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepContext } from '../../src/pipeline/graph.js';
import { givenBase } from '../../src/pipeline/steps/base.js';
import { ROOT } from '../support/sources.js';

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
    // As it was before preprocessing was part of it: what was made from such a base counts still.
    expect(Object.keys(first).sort()).to.deep.equal(['hash', 'network', 'recorded']);
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as object;
    const preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, preprocessing }));
    expect(await outputOf()).to.deep.equal({ ...first, preprocessing });
  });
});
