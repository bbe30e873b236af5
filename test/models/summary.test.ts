import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { summarize } from '../../src/models/summary.js';

describe('network summary', () => {
  before(() => tf.setBackend('cpu'));

  // With 19 classes of the networks in scripts/fixtures/drn.py, with 1,000 of torchvision's: parameters(), and state_dict() without
  // counts of batches.
  const counts: [string, number, number][] = [
    ['resnet-18', 11_689_512, 11_699_112],
    ['resnet-34', 21_797_672, 21_814_696],
    ['resnet-50', 25_557_032, 25_610_152],
    ['resnet-101', 44_549_160, 44_654_504],
    ['drn-d-22', 15_895_363, 15_907_139],
    ['drn-d-24', 20_616_003, 20_629_827],
    ['drn-d-38', 26_003_523, 26_022_723],
    ['drn-d-54', 35_310_787, 35_365_955],
    ['drn-d-105', 54_302_915, 54_410_307],
    ['drn-c-26', 20_628_195, 20_642_179],
    ['drn-c-42', 30_736_355, 30_757_763],
  ];
  for (const [name, parameters, state] of counts) {
    it(`counts ${parameters} parameters and ${state} of state in ${name}`, () => {
      const before = tf.memory().numTensors;
      const summary = summarize({ name, classes: name.startsWith('resnet') ? 1000 : 19, width: 1 });
      expect(summary).to.include({ name, parameters, state });
      expect(summary.tensors.reduce((sum, tensor) => sum + tensor.parameters, 0)).to.equal(state);
      expect(tf.memory().numTensors).to.equal(before);
    });
  }

  it('counts what is left where normalization is frozen, as torchvision does for Mask R-CNN with weights', () => {
    // torchvision: parameters() of maskrcnn_resnet50_fpn(num_classes=2) with BatchNorm2d, and with FrozenBatchNorm2d.
    const summary = summarize({ name: 'maskrcnn-resnet50-fpn', classes: 2, width: 1 });
    expect(summary).to.include({ parameters: 43_975_515, parametersWhereFrozen: 43_922_395, state: 44_028_635 });
    expect(summarize({ name: 'resnet-18', classes: 2, width: 0.125 })).not.to.have.property('parametersWhereFrozen');
  });

  it('follows the width in multiples of 8 channels, at least 8', () => {
    const shapeOf = (width: number, name: string) =>
      summarize({ name: 'drn-d-22', classes: 3, width }).tensors.find((tensor) => tensor.name === name)!.shape;
    expect(shapeOf(0.125, 'base.0.0.weight')).to.deep.equal([8, 3, 7, 7]);
    expect(shapeOf(0.125, 'base.8.0.weight')).to.deep.equal([64, 64, 3, 3]);
    expect(shapeOf(0.3, 'base.4.0.conv1.weight')).to.deep.equal([40, 16, 3, 3]); // 128 x 0.3 = 38.4, 64 x 0.3 = 19.2
  });
});
