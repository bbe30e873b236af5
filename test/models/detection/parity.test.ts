import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { sha256 } from '../../../src/common/files.js';
import { LayerList } from '../../../src/models/layer-list.js';
import { parametersOf } from '../../../src/models/layered-network.js';
import { isNormalization, isStatistic, type Network } from '../../../src/models/network.js';
import { createNetwork } from '../../../src/models/registry.js';
import { loadStateDict } from '../../../src/models/state-dict.js';
import { createDetector } from '../../../src/models/detection/mask-rcnn.js';
import { framed } from '../../../src/models/detection/prepare.js';
import { normalize } from '../../../src/models/preprocessing.js';
import { efficientnetLite0 } from '../../../src/models/detection/efficientnet-lite.js';
import { pasteMask } from '../../../src/detect/paste.js';
import { expectClose, onEngines } from '../../support/engines.js';
import { formulaBatch, formulaState } from '../support/formula.js';
import { readResults } from '../support/results.js';
import { expectLosses, fixture, integers, loadFormula, makeImage } from './support/reference.js';

const SIZE = { height: 48, width: 80 };

/** A network with the fixture's weights and size of images, on the running engine. */
function makeNetwork(name: string): Network {
  const preprocessing = { sides: { shortest: 64, longest: 96 } };
  const network = createNetwork({ name, classes: 4, width: 0.125 }, { seed: null, preprocessing });
  loadFormula(network);
  return network;
}

const channelsFirst = (x: tf.Tensor): Float32Array => tf.transpose(x, [0, 3, 1, 2]).dataSync() as Float32Array;

// On cpu the same takes minutes.
onEngines(
  'Mask R-CNN',
  (engine) => {
    for (const backbone of engine === 'wasm' ? ['resnet18'] : ['resnet18', 'resnet50']) {
      const name = `maskrcnn-${backbone}-fpn`;

      it(`${name} computes at every stage what torchvision's does: transform, pyramid, objectness, codes, anchors, proposals`, () => {
        const results = readResults(fixture(backbone));
        const options = { seed: null, preprocessing: { sides: { shortest: 64, longest: 96 } } };
        const { detector, parameters, preprocessing } = createDetector({ name, classes: 4, width: 0.125 }, options);
        const network = { parameters } as unknown as Network;
        loadFormula(network);
        const image = makeImage(SIZE);
        tf.tidy(() => {
          const { images, given } = framed(image, SIZE, preprocessing);
          const expectStage = (stage: string, own: ArrayLike<number>, within = 1e-4): void =>
            expectClose(own, results.get(stage)!, within, stage);
          expectStage('transformed', channelsFirst(normalize(images, preprocessing)));
          const features = detector.features(images);
          expect(features.pyramid).to.have.length(4);
          features.pyramid.forEach((level, i) => expectStage(`level.${i}`, channelsFirst(level)));
          expectStage('objectness', features.objectness.dataSync());
          expectStage('deltas', features.deltas.dataSync());
          const size = { height: 64, width: 96 };
          expectStage('anchors', detector.anchors(size), 0);
          const { boxes, isFilled } = detector.propose(features, size, given.sizes, 'inference');
          const count = isFilled.dataSync().filter((filled) => filled === 1).length;
          expectStage('proposals', boxes.dataSync().subarray(0, 4 * count));
        });
        tf.dispose([image, ...parameters.map(({ variable }) => variable)]);
      });

      it(`${name} finds what torchvision's finds: boxes, labels, scores and masks`, () => {
        const results = readResults(fixture(backbone));
        const network = makeNetwork(name);
        tf.tidy(() => {
          const { images, given } = network.prepare!(makeImage(SIZE));
          expect(images.shape).to.deep.equal([1, 64, 96, 3]);
          const { boxes, labels, scores, masks } = network.forward(images, undefined, given);
          const found = labels!.dataSync().filter((label) => label > 0).length;
          expect(found).to.equal(results.get('scores')!.length);
          expectClose(scores!.dataSync(), results.get('scores')!, 1e-4, 'scores');
          expectClose(boxes!.dataSync(), results.get('boxes')!, 1e-4, 'boxes');
          expect([...labels!.dataSync()]).to.deep.equal([...integers(backbone, 'labels')]);
          expectClose(
            tf
              .slice(masks!, 0, 1)
              .dataSync()
              .subarray(0, 5 * 784),
            results.get('masks')!,
            1e-4,
            'masks',
          );
          for (let i = 0; i < 5; i++) {
            const mask = masks!.dataSync().slice(784 * i, 784 * (i + 1)) as Float32Array;
            const box = boxes!.dataSync().slice(4 * i, 4 * i + 4);
            const whole = new Float32Array(SIZE.height * SIZE.width);
            const part = pasteMask(mask, 28, box, SIZE);
            for (let y = 0; y < part.height; y++)
              whole.set(part.values.subarray(y * part.width, (y + 1) * part.width), (part.y + y) * SIZE.width + part.x);
            expectClose(
              whole,
              results.get('pasted')!.slice(i * whole.length, (i + 1) * whole.length),
              1e-4,
              `mask ${i}`,
            );
          }
        });
        network.dispose();
      });

      it(`${name} has torchvision's losses and gradients by the same samples`, () => {
        const network = makeNetwork(name);
        expectLosses(network, makeImage(SIZE), backbone);
        network.dispose();
      });
    }

    it('EfficientNet-Lite0 puts out what PyTorch computes with the names of its package', () => {
      const list = new LayerList(null);
      const input = tf.input({ shape: [null, null, 3] });
      const outputs = efficientnetLite0(input, list, { width: 0.125, prefix: 'backbone.body.' });
      const model = tf.model({ inputs: input, outputs });
      const parameters = parametersOf(list.layers);
      loadStateDict({ parameters } as unknown as Network, formulaState(parameters));
      const results = readResults(fixture('efficientnet'));
      tf.tidy(() => {
        const { images } = formulaBatch([1, 64, 96], 1);
        const x = tf.transpose(tf.tensor4d(images, [1, 3, 64, 96]), [0, 2, 3, 1]);
        (model.apply(x) as tf.Tensor[]).forEach((level, i) =>
          expectClose(channelsFirst(level), results.get(`level.${i}`)!, 1e-4, `level ${i}`),
        );
      });
      model.dispose();
    });
  },
  ['wasm', 'tensorflow'],
);

describe('Mask R-CNN', () => {
  before(() => tf.setBackend('cpu'));

  it("has torchvision's tensors: 44,028,635 values in 307, of which 43,975,515 are parameters, in its order", () => {
    const network = createNetwork({ name: 'maskrcnn-resnet50-fpn', classes: 2, width: 1 }, { seed: null });
    const { parameters } = network;
    const sum = (kept: typeof parameters): number => kept.reduce((total, { size }) => total + size, 0);
    expect(parameters).to.have.length(307);
    expect(sum(parameters)).to.equal(44_028_635);
    expect(sum(parameters.filter((parameter) => !isStatistic(parameter)))).to.equal(43_975_515);
    // Of the lines `NAME 64x3x7x7` of torchvision's state_dict() without counts of batches.
    const lines = parameters.map(({ name, shape }) => `${name} ${shape.join('x')}`);
    expect(sha256(lines.join('\n'))).to.equal('ce9665dac4e170a0f0c3e638f526d9edf12a82352ff3946d189983415d780b68');
    network.dispose();
  });

  it('has 44,401,393 parameters beside its normalizations for the 91 classes of COCO', () => {
    const network = createNetwork({ name: 'maskrcnn-resnet50-fpn', classes: 91, width: 1 }, { seed: null });
    const kept = network.parameters.filter((parameter) => !isNormalization(parameter));
    expect(kept.reduce((total, { size }) => total + size, 0)).to.equal(44_401_393);
    network.dispose();
  });
});
