import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import * as gearnn from '../src/index.js';
import { distortDataset } from '../src/distort/index.js';
import { createSplit } from '../src/select/index.js';
import type { FinetuneOptions, TrainBaseOptions } from '../src/train/index.js';
import { readSource } from './support/sources.js';

type Program = (...given: unknown[]) => Promise<void>;
const AsyncFunction = (async () => undefined).constructor as new (...source: string[]) => Program;

const DATA = 'scenes:7@32x64';
const LEVEL = 'jpeg=10';
/** Training that takes a moment. */
const SHORT = {
  samples: { split: 'train', start: 0, end: 4 },
  size: [32, 48] as [number, number],
  batch: 2,
  epochs: 1,
};

describe('the public API', () => {
  let out: string;
  /** What the program of docs/guide.md printed, a line each. */
  const lines: string[] = [];

  before(async function () {
    this.timeout(180_000);
    out = mkdtempSync(join(tmpdir(), 'gearnn-api-'));
    const { trainBase, finetune } = gearnn;
    const api: Record<string, unknown> = {
      ...gearnn,
      trainBase: (options: TrainBaseOptions) => trainBase({ ...options, ...SHORT, width: 0.125 }),
      finetune: (options: FinetuneOptions) => finetune({ ...options, ...SHORT }),
    };
    const [, code] = /```ts\n([\s\S]*?)```/.exec(readSource('docs/guide.md'))!;
    const names = [...code!.matchAll(/^import \{ (.*) \} from 'gearnn';$/gm)].flatMap(([, list]) => list!.split(', '));
    const program = code!
      .replace(/^import .*$/gm, '')
      .replace("'camvid:CamVid', 'jpeg=10', 'runs/camvid'", JSON.stringify([DATA, LEVEL, out]).slice(1, -1));
    const { outputText } = ts.transpileModule(program, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    const log = (...parts: unknown[]): void => void lines.push(parts.join(' '));
    await new AsyncFunction(...names, 'console', outputText)(...names.map((name) => api[name]), { log });
  });
  after(() => rmSync(out, { recursive: true }));

  it('the program of docs/guide.md goes from a dataset to the table of its levels', () => {
    expect(lines.map((line) => line.replace(/ [01]\.\d+$/, ''))).to.have.members([
      'clean original',
      `${LEVEL} original`,
      `${LEVEL} adaptor`,
      `${LEVEL} switching`,
    ]);
  });

  it('readSplit reads the split of two checkpoints, and createSplit makes the same of their states', async () => {
    const { loadCheckpoint, networkOf, readSplit } = gearnn;
    const split = await readSplit(join(out, `splits/${LEVEL}.json`));
    expect(split.items).not.to.deep.equal([]);
    const [base, tuned] = [await loadCheckpoint(join(out, 'base')), await loadCheckpoint(join(out, `full/${LEVEL}`))];
    const network = networkOf(base);
    const { parameters } = network;
    const options = { parameters, base: base.state, tuned: tuned.state, level: LEVEL, baseHash: base.hash };
    expect(createSplit({ ...options, budget: '0.2%' })).to.deep.equal(split);
    network.dispose();
  });

  it('verify finds a file of a distorted dataset that is gone', async () => {
    const prepared = join(out, 'levels');
    expect(await gearnn.verify({ out: prepared })).to.deep.equal([]);
    rmSync(join(prepared, LEVEL, 'val/0000.jpg'));
    expect((await gearnn.verify({ out: prepared })).map(({ file }) => file)).to.deep.equal(['val/0000.jpg']);
  });

  it('distortDataset gives the images that distort gives', async () => {
    const { distort, openDataset, parseLevel } = gearnn;
    const clean = await openDataset(DATA);
    const sample = clean.samples('val')[0]!;
    expect(await distortDataset(clean, parseLevel(LEVEL)).readImage(sample)).to.deep.equal(
      await distort(await clean.readImage(sample), parseLevel(LEVEL)),
    );
  });
});
