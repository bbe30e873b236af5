import { expect } from 'chai';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeNpy } from '../../src/common/npy.js';
import { openDataset } from '../../src/data/registry.js';
import { encodePng } from '../../src/image/encode.js';
import { modelFile } from '../models/onnx/support/build.js';
import { drawn } from '../models/onnx/support/tiny.js';
import { foregroundFile } from '../models/onnx/support/heads.js';
import { ROOT } from '../support/sources.js';
import { gearnnIn, type Ended } from './support/gearnn.js';

const PAGE = readFileSync(join(ROOT, 'docs/onnx.md'), 'utf8');

/** Commands of docs/onnx.md on a network of an ONNX file and pictures without labels. The tests follow each other. */
describe('gearnn, on a network out of an ONNX file', function () {
  this.timeout(240_000);
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-onnx-cli-'));
    const at = (...path: string[]): string => join(folder, ...path);
    cpSync(foregroundFile(), at('detector.onnx'));
    mkdirSync(at('photos'));
    const scenes = await openDataset('scenes:7@32x48');
    for (const [i, sample] of scenes.samples('train').slice(0, 40).entries())
      writeFileSync(at('photos', `${i}.png`), await encodePng(await scenes.readImage(sample)));
    const [, config] = /```json\n([^]*?)```/.exec(PAGE.slice(PAGE.indexOf('## Eval, run, frequency')))!;
    writeFileSync(at('experiment.json'), config!);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** The first line of the page that begins with a command, run with more parameters in the folder that holds what the page names. */
  const lineOf = async (command: string, ...more: string[]): Promise<Ended> => {
    const [, words] = new RegExp(`^npx gearnn (${command} .*)$`, 'm').exec(PAGE)!;
    const ended = await gearnnIn({ cwd: folder }, ...words!.split(' '), ...more);
    expect(ended.code, ended.err).to.equal(0);
    return ended;
  };

  it('adapt without labels answers with a row per level: level, before, after, clean, kept', async () => {
    await lineOf('import', '--mean', '0.5,0.5,0.5', '--std', '0.25,0.25,0.25');
    const more = ['--level', 'brightness=0.3', '--steps', '8', '--budget', '30', '--json'];
    const { out } = await lineOf('adapt', ...more);
    const { rows, agreement } = JSON.parse(out) as { rows: Record<string, unknown>[]; agreement: boolean };
    expect(agreement).to.equal(true);
    expect(rows.map(({ level }) => level)).to.deep.equal(['jpeg=5', 'brightness=0.3']);
    for (const { level, before, after, clean, kept, parameters } of rows) {
      for (const score of [before, after, clean]) expect(score, String(level)).to.be.a('number').within(0, 1);
      expect(kept).to.be.a('boolean');
      expect(parameters).to.be.within(1, 30);
    }
    // What its answers lose to darkness comes back by its first layer alone, and nothing is worse by an adaptor that is kept.
    const dark = rows[1] as { before: number; after: number };
    expect(dark.after).to.be.above(dark.before);
    for (const { kept, level } of rows) expect(readdirSync(join(folder, 'adapted')).includes(String(level))).to.equal(kept); // prettier-ignore
  });

  it('eval --agreement scores it and its adaptor against its own clean answers', async () => {
    const { out } = await lineOf('eval', '--level', 'brightness=0.3', '--level', 'clean', '--json');
    const { rows } = JSON.parse(out) as { rows: { level: string; method: string; scores: { iou: number } }[] };
    const of = (method: string, level: string): number =>
      rows.find((row) => row.method === method && row.level === level)!.scores.iou;
    expect(of('original', 'clean')).to.equal(1);
    expect(of('original', 'brightness=0.3')).to.be.within(0.01, 0.99);
    expect(of('adaptor', 'brightness=0.3')).to.be.above(of('original', 'brightness=0.3'));
  });

  it('run compares methods by the config of the page', async () => {
    await lineOf('run');
    const results = JSON.parse(readFileSync(join(folder, 'runs/photos/results.json'), 'utf8')) as {
      rows: { method: string; level: string }[];
    };
    expect(results.rows.map(({ method, level }) => [method, level])).to.deep.include.members([
      ['original', 'jpeg=5'],
      ['adaptor', 'jpeg=5'],
    ]);
  });

  it('frequency finds the channel that a network looks at', async () => {
    const response = (channel: string): number[] => {
      const { data, shape } = decodeNpy(readFileSync(join(folder, 'response', `response-${channel}.npy`)))!;
      expect(shape).to.deep.equal([32, 48]);
      return [...data];
    };
    const sizes = (): number[] => ['r', 'g', 'b'].map((channel) => Math.max(...response(channel)));
    await lineOf('frequency');
    for (const size of sizes()) expect(size).to.be.above(0);
    // A network of one convolution that sees its first channel alone, which is the picture's blue one.
    const nodes = [
      { op: 'Mul', inputs: ['images', 'first'], outputs: ['one'] },
      { op: 'Conv', name: 'c', inputs: ['one', 'w'] },
    ];
    const first = drawn('first', [1, 3, 1, 1]) as { floatData: number[] };
    first.floatData = [1, 0, 0];
    const file = modelFile({ nodes, initializers: [first, drawn('w', [2, 3, 3, 3])], inputs: { images: ['n', 3, 'h', 'w'] } }); // prettier-ignore
    const use = ['--task', 'features', '--channels', 'bgr', '--out', 'nets/detector', '--force'];
    const imported = await gearnnIn({ cwd: folder }, 'import', file, ...use);
    expect(imported.code, imported.err).to.equal(0);
    await lineOf('frequency', '--force');
    const [red, green, blue] = sizes();
    expect([red, green]).to.deep.equal([0, 0]);
    expect(blue).to.be.above(0);
  });
});
