import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { modelFile } from '../models/onnx/support/build.js';
import { drawn, tinyFile } from '../models/onnx/support/tiny.js';
import { installOnnxRuntimeNode } from '../support/onnxruntime-node.js';
import { gearnnIn } from './support/gearnn.js';
import { withoutPackage } from './support/without-package.js';

interface Answer {
  verified: { name: string; difference: number; largest: number }[];
}

describe('gearnn import --verify', function () {
  this.timeout(120_000);
  let folder: string;
  let picture: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-verify-'));
    picture = join(folder, 'photo.png');
    const [width, height] = [12, 8];
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 67) % 256);
    await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(picture);
    mkdirSync(join(folder, 'with'));
    mkdirSync(join(folder, 'without'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const call = (file: string, out: string, ...more: string[]): string[] => {
    const use = ['--task', 'features', ...more];
    return ['import', file, '--out', join(folder, out), '--verify', picture, ...use];
  };
  const install = (test: Mocha.Context): string => {
    const cwd = join(folder, 'with');
    rmSync(join(cwd, 'node_modules'), { force: true });
    installOnnxRuntimeNode(test, cwd);
    return cwd;
  };

  it("says how far answers are from onnxruntime-node's, which lies in the working folder", async function () {
    const cwd = install(this);
    const { code, out, err } = await gearnnIn({ cwd }, ...call(tinyFile(3), 'first', '--json'));
    expect(code, err).to.equal(0);
    const { verified } = JSON.parse(out) as Answer;
    expect(verified.map(({ name }) => name)).to.deep.equal(['answer']);
    const { difference, largest } = verified[0]!;
    expect(largest).to.be.above(0.1);
    expect(difference).to.be.below(1e-5 * largest);
  });

  it('refuses a picture of a size that the network does not take, and says how to state another', async function () {
    const cwd = install(this);
    const nodes = [
      { op: 'Conv', inputs: ['images', 'w'], outputs: ['a'] },
      { op: 'Add', inputs: ['a', 'places'] },
    ];
    const initializers = [drawn('w', [3, 3, 1, 1]), drawn('places', [1, 3, 16, 16])];
    const file = modelFile({ nodes, initializers, inputs: { images: [1, 3, 'height', 'width'] } });
    const small = await gearnnIn({ cwd }, ...call(file, 'small'));
    expect(small.code).to.equal(1);
    expect(small.err).to.contain('E_ONNX_INPUT').and.contain('[1,3,8,12]').and.contain('--size HxW');
    const stated = await gearnnIn({ cwd }, ...call(file, 'stated', '--size', '16x16'));
    expect(stated.code, stated.err).to.equal(0);
    expect(stated.out).to.match(/y: at most \S+ from onnxruntime's, whose largest is \d/);
  });

  it('says of a file that onnxruntime does not load what it says, and that the checkpoint is there', async function () {
    const cwd = install(this);
    const nodes = [
      { op: 'Conv', inputs: ['images', 'w'], outputs: ['a'] },
      { op: 'Own', domain: 'somebody', inputs: ['a'] },
    ];
    const parts = { nodes, initializers: [drawn('w', [3, 3, 1, 1])], inputs: { images: [1, 3, 'height', 'width'] } };
    const { code, err } = await gearnnIn({ cwd }, ...call(modelFile(parts), 'own'));
    expect(code).to.equal(1);
    expect(err).to.contain('E_ONNX_FILE').and.contain('somebody').and.contain('leave --verify out');
  });

  it('makes the checkpoint without it, and says that nothing was compared and how to get it', async () => {
    const there = { cwd: join(folder, 'without'), node: ['--import', withoutPackage('onnxruntime-node')] };
    const { code, out, err } = await gearnnIn(there, ...call(tinyFile(3), 'unverified'));
    expect(code, err).to.equal(0);
    expect(out).to.contain('Not verified').and.contain('npm install onnxruntime-node');
  });
});
