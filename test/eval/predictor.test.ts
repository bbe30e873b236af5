import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { Random } from '../../src/common/random.js';
import { createPredictor } from '../../src/eval/predictor.js';
import { createNetwork } from '../../src/models/registry.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { onEngines, onTensorflow } from '../support/engines.js';
import { requireTool } from '../support/tools.js';
import { joined } from './support/joined.js';

const TASK = segmentationTask(255);
const network = () => createNetwork({ name: 'drn-d-22', classes: 4, width: 0.125 }, { seed: 3 });

function frames(batch: number, height: number, width: number) {
  const random = Random.of(9, 'frames');
  const images = Uint8Array.from({ length: batch * height * width * 3 }, () => random.integer(256));
  return { images, batch, height, width };
}

onEngines('predictor', () => {
  it('answers as the network does, a byte per pixel', () => {
    const net = network();
    const given = frames(2, 16, 24);
    const predictor = createPredictor(net, TASK);
    const expected = tf.tidy(() =>
      TASK.answer(net.forward(tf.tensor4d(given.images, [2, 16, 24, 3], 'int32')))['mask']!.dataSync(),
    );
    expect([...joined(predictor.predict(given))]).to.deep.equal([...expected]);
    predictor.dispose();
    net.dispose();
  });

  it('pads frames whose sides are no multiple of 8 at the right and bottom, and cuts the answer back', () => {
    const net = network();
    const predictor = createPredictor(net, TASK);
    const small = frames(2, 13, 10);
    const padded = { images: new Uint8Array(2 * 16 * 16 * 3), batch: 2, height: 16, width: 16 };
    for (let i = 0; i < 2 * 16 * 16; i++) {
      const [n, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
      const inside = y < 13 && x < 10;
      for (let c = 0; c < 3; c++) {
        padded.images[i * 3 + c] = inside ? small.images[((n * 13 + y) * 10 + x) * 3 + c]! : [124, 116, 104][c]!;
      }
    }
    const [part, whole] = [joined(predictor.predict(small)), joined(predictor.predict(padded))];
    expect(part.length).to.equal(2 * 13 * 10);
    for (let n = 0; n < 2; n++)
      for (let y = 0; y < 13; y++)
        for (let x = 0; x < 10; x++) expect(part[(n * 13 + y) * 10 + x]).to.equal(whole[(n * 16 + y) * 16 + x]);
    predictor.dispose();
    net.dispose();
  });

  it('brings logits to another size as Pillow resizes them bilinearly, before it chooses classes', function () {
    const python = requireTool(this, 'Pillow');
    const net = network();
    const predictor = createPredictor(net, TASK);
    const given = frames(2, 13, 10);
    const size = { height: 29, width: 24 };
    const answer = joined(predictor.predict(given, size));
    expect(answer.length).to.equal(2 * 29 * 24);
    const padded = new Uint8Array(2 * 16 * 16 * 3);
    for (let i = 0; i < padded.length / 3; i++) {
      const [n, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
      for (let c = 0; c < 3; c++) {
        const inside = y < 13 && x < 10;
        padded[i * 3 + c] = inside ? given.images[((n * 13 + y) * 10 + x) * 3 + c]! : [124, 116, 104][c]!;
      }
    }
    // [image, class, height, width]
    const planes = tf.tidy(() => {
      const logits = net.forward(tf.tensor4d(padded, [2, 16, 16, 3], 'int32')).logits as tf.Tensor4D;
      return tf.transpose(tf.slice(logits, [0, 0, 0, 0], [2, 13, 10, 4]), [0, 3, 1, 2]).dataSync() as Float32Array;
    });
    // Enlarging, Pillow's BILINEAR and F.interpolate(align_corners=False) are the same function.
    const program = [
      'import sys; import numpy as np; from PIL import Image',
      'planes = np.frombuffer(sys.stdin.buffer.read(), "<f4").reshape(8, 13, 10)',
      'large = [np.asarray(Image.fromarray(plane).resize((24, 29), Image.BILINEAR)) for plane in planes]',
      'sys.stdout.buffer.write(np.stack(large).astype("<f4").tobytes())',
    ].join('\n');
    const input = Buffer.from(planes.buffer, planes.byteOffset, planes.byteLength);
    const bytes = execFileSync(python, ['-c', program], { input });
    const large = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    let unclear = 0;
    for (let n = 0; n < 2; n++) {
      for (let i = 0; i < 29 * 24; i++) {
        const values = [0, 1, 2, 3].map((c) => large[(n * 4 + c) * 29 * 24 + i]!);
        const [best, second] = [...values].sort((a, b) => b - a) as [number, number];
        if (best - second < 1e-4) unclear++;
        else expect(answer[n * 29 * 24 + i], `${n} ${i}`).to.equal(values.indexOf(best));
      }
    }
    expect(unclear).to.be.below(10);
    expect(new Set(answer).size).to.be.above(1);
    predictor.dispose();
    net.dispose();
  });

  it('sees weights that change while it lives where they are named as changing', () => {
    const net = network();
    const bias = net.parameters.find(({ name }) => name === 'seg.bias')!;
    const predictor = createPredictor(net, TASK, { changing: new Set(['seg.bias']) });
    const given = frames(1, 16, 16);
    predictor.predict(given);
    const next = tf.tensor1d([0, 0, 1e6, 0]);
    bias.variable.assign(next);
    next.dispose();
    expect(new Set(joined(predictor.predict(given)))).to.deep.equal(new Set([2]));
    predictor.dispose();
    net.dispose();
  });
});

onTensorflow('a predictor of frozen weights', () => {
  it('folds normalizations into convolutions without changing logits by more than 1e-4 of the largest', async () => {
    const { compile } = await import('../../src/engine/compile.js');
    const net = network();
    const random = Random.of(4, 'statistics');
    for (const { role, variable } of net.parameters) {
      if (role !== 'mean' && role !== 'variance') continue;
      const lowest = role === 'variance' ? 0.5 : -0.1;
      const draw = (): number => lowest + (role === 'variance' ? 1 : 0.2) * random.next();
      const value = tf.tensor1d(Array.from({ length: variable.shape[0]! }, draw));
      variable.assign(value);
      value.dispose();
    }
    const own = new Set(net.parameters.map(({ variable }) => variable));
    const forward = (x: tf.Tensor) => net.forward(x as tf.Tensor4D).logits!;
    const folded = compile(forward, undefined, { precision: 'fp32', fold: (variable) => own.has(variable) });
    const x = tf.randomNormal([1, 32, 40, 3], 0, 1, 'float32', 5);
    const [plain, fast] = [tf.tidy(() => forward(x)), folded(x)];
    const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(plain, fast))).dataSync()[0]!);
    const largest = tf.tidy(() => tf.max(tf.abs(plain)).dataSync()[0]!);
    expect(difference / largest).to.be.lessThan(1e-4);
    expect(largest).to.be.greaterThan(0);
    tf.dispose([plain, fast, x]);
    folded.dispose();
    net.dispose();
  });
});
