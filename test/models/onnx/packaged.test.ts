import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, loadNetwork } from '../../../bench/onnx/agreement.js';
import { drawText, textDots } from '../../../src/image/caption.js';
import { importOnnx } from '../../../src/models/onnx/import.js';
import { AdaptiveRunner } from '../../../src/serve/runner.js';
import { onTensorflow } from '../../support/engines.js';
import { packagedFile } from './support/packaged.js';

const NAMES = ['ppocrv4-det', 'ppocrv4-rec', 'ppocr-cls', 'ddddocr-det', 'nudenet-320n'];

onTensorflow('onnx: networks that packages ship', () => {
  for (const name of NAMES) {
    it(`${name} answers as in onnxruntime, within 1e-4 of the largest value`, async function () {
      this.timeout(60_000);
      const network = await loadNetwork(packagedFile(this, name), 'tensorflow');
      const difference = compare(network);
      network.dispose();
      expect(difference).to.be.below(1e-4);
    });
  }

  it('ppocrv4-det finds words in a picture, as boxes that may be turned', async function () {
    this.timeout(60_000);
    const file = packagedFile(this, 'ppocrv4-det');
    const out = await mkdtemp(join(tmpdir(), 'gearnn-texts-'));
    try {
      await importOnnx({ file, out, head: 'db', channels: 'bgr' });
      const runner = await AdaptiveRunner.load({ checkpoint: out });
      const pixels = { width: 320, height: 160, channels: 3 as const, data: new Uint8Array(320 * 160 * 3).fill(150) };
      const words = [{ text: 'letters', x: 40, y: 30 }, { text: 'another', x: 130, y: 100 }]; // prettier-ignore
      for (const { text, ...place } of words) drawText(pixels, text, { ...place, dot: 4 });
      const { boxes } = await runner.infer(pixels, { level: 'clean' });
      await runner.dispose();
      for (const { text, x, y } of words) {
        const { width, height } = textDots(text);
        const [cx, cy] = [x + 2 * width, y + 2 * height];
        const found = boxes!.find(({ box: [x0, y0, x1, y1] }) => x0 < cx && cx < x1 && y0 < cy && cy < y1);
        expect(found, text).to.include({ label: 'text' });
        expect(found!.corners).to.have.length(4);
        expect(found!.box[2] - found!.box[0], text).to.be.within(3 * width, 5 * width);
      }
    } finally {
      await rm(out, { recursive: true });
    }
  });
});
