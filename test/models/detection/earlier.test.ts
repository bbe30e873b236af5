import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { loadCheckpoint, networkOf } from '../../../src/models/checkpoint.js';
import { putFirstWeights, readFirstWeights } from '../../../src/models/first-weights.js';
import { importCheckpoint } from '../../../src/models/import.js';
import type { Network } from '../../../src/models/network.js';
import { createNetwork } from '../../../src/models/registry.js';
import { encodeSafetensors } from '../../../src/models/safetensors.js';
import { stateDict, type StateDict } from '../../../src/models/state-dict.js';
import { onTensorflow } from '../../support/engines.js';
import { readResults } from '../support/results.js';
import { fixture, formulaStateOf, integers, makeImage } from './support/reference.js';

const SPEC = { name: 'maskrcnn-resnet18-fpn', classes: 4, width: 0.125 };
const SIZES = { sides: { shortest: 64, longest: 96 } };

/** Names of before torchvision 0.13, and what torchvision itself makes of them when it loads such a file. */
const NAMES = JSON.parse(readFileSync('test/fixtures/maskrcnn/earlier-names.json', 'utf8')) as Record<string, string>;

/** The fixture's weights: variances so small that what is added to them shows. */
function smallVariances(network: Network): StateDict {
  const state = formulaStateOf(network);
  for (const { name, role } of network.parameters)
    if (role === 'variance' || role === 'scale') {
      const factor = role === 'variance' ? 1e-4 : 1e-2;
      state.get(name)!.data.forEach((value, i, data) => (data[i] = value * factor));
    }
  return state;
}

onTensorflow("torchvision's files of before 0.13", () => {
  let folder: string;
  let file: string;
  let state: StateDict;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-earlier-'));
    file = join(folder, 'coco.safetensors');
    const network = createNetwork(SPEC, { seed: null });
    state = smallVariances(network);
    network.dispose();
    const written = Object.entries(NAMES).map(
      ([earlier, name]) => [earlier, { dtype: 'F32', ...state.get(name)! }] as const,
    );
    writeFileSync(file, encodeSafetensors(new Map(written)));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are imported under the names that torchvision gives them: 26 tensors were called otherwise', () => {
    expect(Object.keys(NAMES)).to.include.members([
      'backbone.fpn.inner_blocks.0.weight',
      'rpn.head.conv.weight',
      'roi_heads.mask_head.mask_fcn1.weight',
    ]);
    expect(Object.entries(NAMES).filter(([earlier, name]) => earlier !== name)).to.have.length(26);
    expect(Object.values(NAMES)).to.have.members([...state.keys()]);
  });

  it('find what they find there, with --epsilon 0; with the usual 1e-5 something else', async () => {
    const results = readResults(fixture('earlier'));
    const differences = await Promise.all(
      [0, undefined].map(async (epsilon) => {
        const out = join(folder, `out-${epsilon}`);
        const network = { ...SPEC, ...(epsilon !== undefined && { epsilon }) };
        await importCheckpoint({ file, out, network, preprocessing: SIZES });
        const checkpoint = await loadCheckpoint(out);
        expect(checkpoint.config.network).to.deep.equal(network);
        return differenceOf(networkOf(checkpoint), results);
      }),
    );
    expect(differences[0]).to.be.at.most(1e-4);
    expect(differences[1]).to.be.above(1e-2);
  });

  it('are first weights of a training, all of them or some, with module. in front too', async () => {
    const some = join(folder, 'some.safetensors');
    const kept = Object.entries(NAMES).filter(([earlier]) => /^(backbone\.fpn|rpn)\./.test(earlier));
    const written = kept.map(
      ([earlier, name]) => [`module.${earlier}`, { dtype: 'F32', ...state.get(name)! }] as const,
    );
    writeFileSync(some, encodeSafetensors(new Map(written)));
    for (const [path, names] of [
      [file, Object.values(NAMES)],
      [some, kept.map(([, name]) => name)],
    ] as const) {
      // prettier-ignore
      const network = createNetwork(SPEC, { seed: 1 });
      putFirstWeights(network, await readFirstWeights(path));
      const own = stateDict(network);
      for (const name of names) expect([...own.get(name)!.data], name).to.deep.equal([...state.get(name)!.data]);
      network.dispose();
    }
  });

  it('are refused where a tensor is there under both of its names', async () => {
    const both = join(folder, 'both.safetensors');
    const [earlier, name] = ['rpn.head.conv.bias', 'rpn.head.conv.0.0.bias'];
    const values = { dtype: 'F32', ...state.get(name)! } as const;
    writeFileSync(both, encodeSafetensors(new Map([[name, values], [earlier, values]]))); // prettier-ignore
    const network = createNetwork(SPEC, { seed: null });
    const first = await readFirstWeights(both);
    expect(() => putFirstWeights(network, first)).to.throw(`both ${name} and ${earlier}`);
    network.dispose();
  });
});

/** The largest difference from what torchvision's network puts out at its first level and finds. Frees the network. */
function differenceOf(network: Network, results: Map<string, Float32Array>): number {
  const image = makeImage({ height: 48, width: 80 });
  const difference = tf.tidy(() => {
    const { images, given } = network.prepare!(image);
    const { boxes, labels, scores } = network.forward(images, undefined, given);
    const found = [...labels!.dataSync()].filter((label) => label > 0);
    if (String(found) !== String([...integers('earlier', 'labels')])) return Infinity;
    const farthest = (own: ArrayLike<number>, wanted: Float32Array): number =>
      wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - own[i]!)), 0);
    return Math.max(
      farthest(scores!.dataSync(), results.get('scores')!),
      farthest(boxes!.dataSync(), results.get('boxes')!),
    );
  });
  image.dispose();
  network.dispose();
  return difference;
}
