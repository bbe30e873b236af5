import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { createPredictor, type Frames, type PredictorOptions } from '../../src/eval/predictor.js';
import { cutOf, neededBytes } from '../../src/eval/tile-memory.js';
import { WHOLE_PIXELS } from '../../src/eval/tiles.js';
import { activationsOf } from '../../src/models/activations.js';
import { layeredNetwork } from '../../src/models/layered-network.js';
import type { Network } from '../../src/models/network.js';
import { createNetwork } from '../../src/models/registry.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { onEngines } from '../support/engines.js';
import { joined } from './support/joined.js';

const TASK = segmentationTask(255);
const CLASSES = 3;

/** Convolutions that see 7 pixels around each, of plain layers and of stride 4, with a dilated one among them. */
function smallNetwork(): Network {
  const conv = (filters: number, kernelSize: number, rest: object, seed: number) =>
    tf.layers.conv2d({
      filters,
      kernelSize,
      padding: 'same',
      kernelInitializer: tf.initializers.glorotNormal({ seed }),
      ...rest,
    });
  const input = tf.input({ shape: [null, null, 3] });
  let x = conv(4, 3, { activation: 'relu' }, 1).apply(input) as tf.SymbolicTensor;
  x = conv(6, 3, { dilationRate: 2, activation: 'relu' }, 2).apply(x) as tf.SymbolicTensor;
  x = conv(6, 1, { strides: 4, activation: 'relu' }, 3).apply(x) as tf.SymbolicTensor;
  x = tf.layers.upSampling2d({ size: [4, 4] }).apply(x) as tf.SymbolicTensor;
  x = conv(CLASSES, 3, {}, 4).apply(x) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: x });
  const spec = { name: 'small', classes: CLASSES, width: 1 };
  return layeredNetwork({ spec, task: 'segmentation', parameters: [], model, stride: 4 });
}

/** Smooth patches with noise, so that classes form regions. */
function picture(height: number, width: number, batch = 1): Frames {
  const random = Random.of(7, 'picture');
  const images = new Uint8Array(batch * height * width * 3);
  for (let i = 0; i < images.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const wave = 120 + 90 * Math.sin(x / (5 + (i % 3)) + (i % 3)) * Math.cos(y / 9);
    images[i] = Math.max(0, Math.min(255, wave + random.integer(30)));
  }
  return { images, batch, height, width };
}

function answer(network: Network, frames: Frames, options: PredictorOptions, size?: { height: number; width: number }) {
  const predictor = createPredictor(network, TASK, options);
  const ids = joined(predictor.predict(frames, size));
  predictor.dispose();
  return ids;
}

const differ = (a: Uint8Array, b: Uint8Array): number => a.filter((id, i) => id !== b[i]).length / b.length;

onEngines('tiles', () => {
  it('answer as the whole frame does where they see as far as the network', () => {
    const network = smallNetwork();
    const frames = picture(150, 203);
    const whole = answer(network, frames, { tile: 'none' });
    expect(new Set(whole).size).to.equal(CLASSES);
    // A quarter of the overlap has no say: 8 pixels, and the network sees 7.
    const tiles = answer(network, frames, { tile: { height: 80, width: 96, overlap: 32 } });
    expect(differ(tiles, whole)).to.be.below(1e-4);
    network.dispose();
  });

  it('that see less differ near their seams alone, and the less the more they share', () => {
    const network = smallNetwork();
    const frames = picture(96, 200);
    const whole = answer(network, frames, { tile: 'none' });
    const at = (overlap: number): Uint8Array => answer(network, frames, { tile: { height: 96, width: 104, overlap } });
    const [none, some] = [at(0), at(16)];
    expect(differ(none, whole)).to.be.above(differ(some, whole));
    const seam = (i: number): number => Math.abs((i % 200) - 102);
    expect(none.every((id, i) => id === whole[i] || seam(i) < 16)).to.equal(true);
    network.dispose();
  });

  it('bring logits to the size of larger labels as whole frames do', () => {
    const network = smallNetwork();
    const frames = picture(101, 120);
    for (const size of [
      { height: 202, width: 240 },
      { height: 151, width: 301 },
    ]) {
      const whole = answer(network, frames, { tile: 'none' }, size);
      const tiles = answer(network, frames, { tile: { height: 64, width: 80, overlap: 32 } }, size);
      expect(tiles.length).to.equal(size.height * size.width);
      expect(differ(tiles, whole)).to.be.below(5e-4);
    }
    network.dispose();
  });

  it('of a batch are those of each of its frames', () => {
    const network = smallNetwork();
    const frames = picture(70, 90, 3);
    const tile = { height: 64, width: 64, overlap: 16 };
    const together = answer(network, frames, { tile });
    const area = 70 * 90;
    for (let i = 0; i < 3; i++) {
      const images = frames.images.slice(i * area * 3, (i + 1) * area * 3);
      const alone = answer(network, { images, batch: 1, height: 70, width: 90 }, { tile });
      expect(together.subarray(i * area, (i + 1) * area)).to.deep.equal(alone);
    }
    network.dispose();
  });

  it('stop after each run, of which a whole frame has one', () => {
    const network = smallNetwork();
    const predictor = createPredictor(network, TASK, { tile: { height: 64, width: 64, overlap: 16 } });
    const stops = [...predictor.predictInRuns(picture(64, 160))];
    expect(stops).to.deep.equal([
      { done: 1, total: 3 },
      { done: 2, total: 3 },
    ]);
    expect([...predictor.predictInRuns(picture(64, 64))]).to.deep.equal([]);
    predictor.dispose();
    network.dispose();
  });

  it('that are too small, or share more than half, are refused', () => {
    const network = smallNetwork();
    const make = (tile: PredictorOptions['tile']) => () => createPredictor(network, TASK, { tile });
    expect(make({ height: 8, width: 64 })).to.throw('sides of 16 pixels');
    expect(make({ height: 64, width: 64, overlap: 40 })).to.throw('at most half');
    expect(make({ height: 64.5, width: 64 })).to.throw('tile');
    network.dispose();
  });
});

onEngines('tiles of a size that memory allows', () => {
  it('grow with the bound, and cover what is larger than them', () => {
    const network = smallNetwork();
    const { fixed, perPixel } = neededBytes(network);
    const bound = (pixels: number) => ({ memory: fixed + pixels * perPixel });
    expect(cutOf(network, bound(10_000)).pixels).to.be.within(9_999, 10_000);
    const predictor = createPredictor(network, TASK, { tile: bound(64 * 96) });
    expect([...predictor.predictInRuns(picture(64, 96))].length).to.equal(0);
    expect([...predictor.predictInRuns(picture(128, 192))].length).to.be.above(3);
    predictor.dispose();
    network.dispose();
  });

  it('are refused where the network alone takes more, with what it would need', () => {
    const network = smallNetwork();
    for (const memory of [1e6, neededBytes(network).fixed, -1, NaN])
      expect(() => createPredictor(network, TASK, { tile: { memory } })).to.throw('MB or more for small');
    network.dispose();
  });

  it('are what layers hold: inputs, outputs, and what a later layer adds', () => {
    const input = tf.input({ shape: [null, null, 3] });
    const conv = (filters: number) => tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same' });
    const first = conv(4).apply(input) as tf.SymbolicTensor;
    const second = conv(4).apply(first) as tf.SymbolicTensor;
    const third = conv(4).apply(second) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: tf.layers.add().apply([first, third]) as tf.SymbolicTensor });
    // 3 of the input, 4 of each layer; while the sum is made, all of first, third and the sum are there.
    expect(activationsOf(model, 4)).to.deep.equal({ peak: 12, sum: 19 });
    model.dispose();
  });

  it('are the smaller the more a network holds per pixel, and by themselves none is larger than 2 megapixels', () => {
    const network = createNetwork({ name: 'drn-d-22', classes: 11, width: 0.25 }, { seed: null });
    expect(cutOf(network, 'auto').pixels).to.equal(WHOLE_PIXELS);
    const large = { ...network, activations: () => ({ peak: 400, sum: 6000 }) };
    expect(cutOf(large, 'auto').pixels).to.be.within(256 * 1024, 512 * 1024);
    network.dispose();
  });
});

onEngines('pictures of more than 2 megapixels', () => {
  it('go in tiles by themselves, those of 2 megapixels whole', function () {
    const seen: number[][] = [];
    const network = smallNetwork();
    const watched: Network = {
      ...network,
      forward: (images) => {
        seen.push(images.shape);
        const [batch, height, width] = images.shape;
        return { logits: tf.zeros([batch, height, width, CLASSES]) };
      },
    };
    const predictor = createPredictor(watched, TASK);
    predictor.predict({ images: new Uint8Array(1024 * 2048 * 3), batch: 1, height: 1024, width: 2048 });
    expect(seen).to.deep.equal([[1, 1024, 2048, 3]]);
    seen.length = 0;
    predictor.predict({ images: new Uint8Array(1024 * 2056 * 3), batch: 1, height: 1024, width: 2056 });
    expect(seen.length).to.be.above(0);
    expect(seen.every(([, height, width]) => height! * width! <= WHOLE_PIXELS)).to.equal(true);
    predictor.dispose();
    network.dispose();
  });
});
