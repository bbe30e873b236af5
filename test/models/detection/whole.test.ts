import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { createNetwork } from '../../../src/models/registry.js';
import type { Network } from '../../../src/models/network.js';
import { expectClose, onTensorflow } from '../../support/engines.js';
import { readResults } from '../support/results.js';
import { expectLosses, fixture, loadFormula, makeImage } from './support/reference.js';

const SIZE = { height: 224, width: 320 };

onTensorflow('maskrcnn-resnet50-fpn with all its channels', () => {
  let network: Network;
  before(() => {
    const preprocessing = { sides: { shortest: 224, longest: 320 } };
    network = createNetwork({ name: 'maskrcnn-resnet50-fpn', classes: 2, width: 1 }, { seed: null, preprocessing });
    loadFormula(network);
  });
  after(() => network.dispose());

  it("finds what torchvision's finds: the surest boxes and their scores", () => {
    const results = readResults(fixture('whole'));
    tf.tidy(() => {
      const { images, given } = network.prepare!(makeImage(SIZE));
      const { boxes, scores } = network.forward(images, undefined, given);
      expectClose(scores!.dataSync().slice(0, 5), results.get('scores')!, 1e-5, 'scores');
      expectClose(boxes!.dataSync().slice(0, 20), results.get('boxes')!, 1e-4, 'boxes');
      expect(scores!.dataSync()[0]).to.be.closeTo(0.625243, 1e-6);
    });
  });

  it('has losses of .6260027, .0766214, .3470804, .1058826 and .7046765 by its samples, and its gradients', () => {
    const losses = [0.6260027, 0.0766214, 0.3470804, 0.1058826, 0.7046765];
    const reference = readResults(fixture('whole'));
    expectClose(reference.get('losses')!, losses, 1e-6, 'of torchvision');
    const norms = {
      'backbone.body.conv1': 0.055182,
      'roi_heads.box_head.fc6': 8.82148,
      'roi_heads.mask_head.0.0': 0.490223,
    };
    for (const [name, norm] of Object.entries(norms))
      expect(reference.get(`sums/${name}.weight`)![0]).to.be.closeTo(norm, 1e-3 * norm);
    expectLosses(network, makeImage(SIZE), 'whole');
  });
});
