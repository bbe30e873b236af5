import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { compare, loadNetwork } from '../../../bench/onnx/agreement.js';
import { onTensorflow } from '../../support/engines.js';
import { missing, unsupported } from '../../support/tools.js';

/** Where scripts/onnx-real.sh puts what it fetches. */
const FOLDER = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn', 'onnx-networks');
const NAMES = ['ppocrv4-det', 'ppocrv4-rec', 'ppocr-cls', 'ddddocr-det', 'nudenet-320n'];

onTensorflow('onnx: networks that packages ship', () => {
  for (const name of NAMES) {
    it(`${name} answers as in onnxruntime, within 1e-4 of the largest value`, async function () {
      this.timeout(60_000);
      if (existsSync(join(FOLDER, `${name}.absent`))) unsupported(this, `found no package with ${name}`);
      const path = join(FOLDER, `${name}.package.onnx`);
      if (!existsSync(path.replace(/onnx$/, 'safetensors'))) missing(this, `needs ${name}: scripts/onnx-real.sh`);
      const network = await loadNetwork(path, 'tensorflow');
      const difference = compare(network);
      network.dispose();
      expect(difference).to.be.below(1e-4);
    });
  }
});
