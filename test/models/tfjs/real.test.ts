import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readTfjs } from '../../../src/models/tfjs/read.js';
import { useEngine } from '../../support/engines.js';
import { missing, unsupported } from '../../support/tools.js';
import { drawn, type Numbers } from './support/build.js';
import { expectSame } from './support/compare.js';

/** Where scripts/tfjs-real.sh puts the models of npm's packages. */
const FOLDER = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn', 'tfjs-networks');

/** A segmentation with transposed convolutions, a detector, a pose that is looked up among heat maps, and a LayersModel. */
const NETWORKS = ['human-selfie', 'human-blazeface', 'human-movenet-lightning', 'human-emotion', 'nsfwjs-mobilenet_v2'];

for (const engine of ['tensorflow', 'wasm'] as const)
  describe(`tfjs: models of npm's packages, on ${engine}`, () => {
    before(async function () {
      await useEngine(this, engine);
    });

    for (const network of NETWORKS)
      it(`${network} answers as TensorFlow.js' executor does, within 1e-4 of the largest value`, async function () {
        const file = fileOf(this, network);
        await expectSame(file, await picture(file), 1e-4);
      });
  });

/** The path of a model; skips the running test where it was not fetched, and in CI only where the registry lacks its package. */
function fileOf(test: Mocha.Context, network: string): string {
  const [prefix] = network.split('-');
  if (existsSync(join(FOLDER, `${prefix}.absent`))) unsupported(test, `found no package with ${network}`);
  const file = join(FOLDER, network, 'model.json');
  if (!existsSync(file)) missing(test, `needs ${network}: scripts/tfjs-real.sh`);
  return file;
}

/** Numbers for the input of a model: 0..1, or pixels where it takes whole ones. */
async function picture(file: string): Promise<Record<string, Numbers>> {
  const { model } = await readTfjs(file);
  const [{ name, type, shape }] = model.graph.inputs as [(typeof model.graph.inputs)[0]];
  const numbers = drawn(...shape!.map((side) => (typeof side === 'number' ? side : 1)));
  const values = numbers.values.map((value) => (type === 'float32' ? (value + 2) / 4 : Math.round(60 * (value + 2))));
  return { [name]: { ...numbers, values, dtype: type === 'float32' ? 'float32' : 'int32' } };
}
