import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../src/data/dataset.js';
import { deriveDataset } from '../../src/data/derive.js';
import { openDataset } from '../../src/data/registry.js';
import { makers, temporaryFolder } from './support/folders.js';

/** Every member of a dataset; the type refuses a list that leaves one out. */
const MEMBERS = Object.keys({
  spec: true,
  name: true,
  root: true,
  classes: true,
  ignore: true,
  targets: true,
  splits: true,
  resized: true,
  samples: true,
  readImage: true,
  readClean: true,
  unlabelled: true,
  readImageBytes: true,
  turned: true,
  readTarget: true,
  readLabel: true,
  files: true,
  storesClassIds: true,
  recordings: true,
  driveOf: true,
  inspect: true,
  readInstances: true,
} satisfies Record<keyof Dataset, true>) as (keyof Dataset)[];

describe('data: deriveDataset', () => {
  const folder = temporaryFolder();

  for (const [kind, make] of Object.entries(makers)) {
    it(`without a change, keeps all that a ${kind} dataset has and gives`, async () => {
      const root = join(folder(), kind);
      await mkdir(root);
      const dataset = await openDataset(await make(root));
      const derived = deriveDataset(dataset, {});
      expect(MEMBERS.filter((name) => derived[name] !== undefined)).to.deep.equal(
        MEMBERS.filter((name) => dataset[name] !== undefined),
      );
      const sample = dataset.samples('val')[0]!;
      expect(derived.samples('val')[0]).to.deep.equal(sample);
      for (const name of MEMBERS) {
        if (typeof dataset[name] !== 'function') expect(derived[name]).to.equal(dataset[name]);
        else if (name !== 'samples') expect(await read(derived, name)).to.deep.equal(await read(dataset, name));
      }

      /** What it gives, or the message of what it throws. */
      async function read(from: Dataset, name: keyof Dataset): Promise<unknown> {
        try {
          return await (from as unknown as Record<string, (of: typeof sample) => unknown>)[name]!(sample);
        } catch (error) {
          return (error as Error).message;
        }
      }
    });
  }

  it('changes what it is told to, and leaves out what is changed to undefined', async () => {
    const root = join(folder(), 'changed');
    await mkdir(root);
    const dataset = await openDataset(await makers['list']!(root));
    const derived = deriveDataset(dataset, { name: 'other', readImageBytes: undefined });
    expect([derived.name, derived.readImageBytes]).to.deep.equal(['other', undefined]);
    expect(dataset.readImageBytes).to.be.a('function');
  });
});
