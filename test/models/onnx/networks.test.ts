import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare, compareGradients, loadNetwork } from '../../../bench/onnx/agreement.js';
import { difference } from '../../../bench/onnx/reference.js';
import { onEngines } from '../../support/engines.js';
import { ROOT } from '../../support/sources.js';

/** Made by scripts/fixtures/onnx_networks.py: answers by onnxruntime, gradients in double precision by PyTorch. */
const FOLDER = join(ROOT, 'test', 'fixtures', 'onnx');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.onnx'));

onEngines('onnx: small networks of torchvision, timm and transformers', (engine) => {
  for (const file of FILES) {
    it(`${file} answers as in onnxruntime, within 1e-5 of the largest value`, async () => {
      const network = await loadNetwork(join(FOLDER, file), engine);
      const apart = compare(network);
      network.dispose();
      expect(apart).to.be.below(1e-5);
    });
  }

  // The exporter's names of weights are PyTorch's where nothing was folded.
  for (const file of FILES.filter((name) => name.includes('torchscript'))) {
    it(`${file} has PyTorch's gradients, within 1e-5 of the largest of each weight's`, async () => {
      const network = await loadNetwork(join(FOLDER, file), engine);
      const gradients = compareGradients(network);
      network.dispose();
      expect(Object.keys(gradients)).to.have.length(6);
      expect(Math.max(...Object.values(gradients)), JSON.stringify(gradients)).to.be.below(1e-5);
    });
  }
});

describe('onnx: how far an answer is off', () => {
  it('is its largest difference as a part of the largest value that was expected', () => {
    expect(difference([1, -3.5], [1, -4])).to.equal(0.125);
    expect(difference([0, 0], [0, 0])).to.equal(0);
  });

  it('is infinite where a value is missing or no number', () => {
    expect(difference([1], [1, 2])).to.equal(Infinity);
    expect(difference([1, NaN], [1, 2])).to.equal(Infinity);
  });
});
