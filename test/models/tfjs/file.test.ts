import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { GearnnError } from '../../../src/common/errors.js';
import { settle } from '../../../src/common/outcome.js';
import { importTfjs } from '../../../src/models/tfjs/import.js';
import { onEngines, useEngine } from '../../support/engines.js';
import { drawn, graphFile, integers, modelFile, type AttributeValue } from './support/build.js';
import { expectSame } from './support/compare.js';
import { tinyFile } from './support/tiny.js';

interface Json {
  modelTopology: { node: { name: string; op: string; input?: string[]; attr?: Record<string, object> }[] };
  weightsManifest: { paths: string[]; weights: Record<string, unknown>[] }[];
}

onEngines(
  'tfjs: quantized weights',
  () => {
    for (const dtype of ['uint8', 'uint16', 'float16'])
      it(`in ${dtype} are what TensorFlow.js makes of them`, async () => {
        const node = [
          { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '3' }] } } } }, // prettier-ignore
          { name: 'w', op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } },
          { name: 'y', op: 'Add', input: ['x', 'w'], attr: {} },
        ];
        const stored = dtype === 'uint8' ? Uint8Array.of(0, 128, 255) : Uint16Array.of(0, 0x3c00, 0xbe00);
        const quantization = dtype === 'float16' ? { dtype } : { dtype, scale: 0.0123, min: -1.7 };
        const weights = [{ name: 'w', shape: [3], dtype: 'float32', quantization }];
        const json = { format: 'graph-model', modelTopology: { node, versions: { producer: 1 } } };
        const file = modelFile(json, weights, new Uint8Array(stored.buffer));
        await expectSame(file, { x: { ...drawn(3), values: [0, 0, 0] } }, 0);
      });
  },
  ['cpu'],
);

/** Ways to break the tiny network, and what the refusal says. */
const BROKEN: Record<string, { change: (json: Json, folder: string) => void; says: RegExp }> = {
  'a shard that is missing': {
    change: (_json, folder) => rmSync(join(folder, 'group1-shard1of1.bin')),
    says: /E_TFJS_FILE.*shards beside model.json/,
  },
  'a shard that is cut': {
    change: (_json, folder) => writeFileSync(join(folder, 'group1-shard1of1.bin'), Buffer.alloc(7)),
    says: /E_TFJS_FILE.*bytes, as the weights/,
  },
  'a path out of the folder': {
    change: (json) => (json.weightsManifest[0]!.paths = ['../shard']),
    says: /E_TFJS_FILE.*inside the model's folder/,
  },
  'an absolute path': {
    change: (json) => (json.weightsManifest[0]!.paths = ['/etc/hostname']),
    says: /E_TFJS_FILE.*inside the model's folder/,
  },
  'a link out of the folder': {
    change: (json, folder) => {
      symlinkSync(import.meta.filename, join(folder, 'link'));
      json.weightsManifest[0]!.paths = ['link'];
    },
    says: /E_TFJS_FILE.*a link out of it/,
  },
  'an address in the network': {
    change: (json) => (json.weightsManifest[0]!.paths = ['https://example.com/shard']),
    says: /E_TFJS_FILE.*shards beside model.json/,
  },
  'a shape of negative sides': {
    change: (json) => (json.weightsManifest[0]!.weights[0]!['shape'] = [-3, -3]),
    says: /E_TFJS_FILE.*weightsManifest/,
  },
  'a shape beyond any memory': {
    change: (json) => (json.weightsManifest[0]!.weights[0]!['shape'] = [2 ** 40, 2 ** 40]),
    says: /E_TFJS_FILE.*bytes, as the weights/,
  },
  texts: {
    change: (json) => (json.weightsManifest[0]!.weights[0]!['dtype'] = 'string'),
    says: /E_TFJS_FILE.*float32, int32 or bool/,
  },
  'a quantization without its scale': {
    change: (json) => (json.weightsManifest[0]!.weights[0] = { name: 'stem/kernel', shape: [432], dtype: 'float32', quantization: { dtype: 'uint8' } }), // prettier-ignore
    says: /E_TFJS_FILE.*a scale and a min/,
  },
  'no weights': {
    change: (json) => delete (json as Partial<Json>).weightsManifest,
    says: /E_TFJS_FILE.*weightsManifest/,
  },
  'no topology': {
    change: (json) => delete (json as Partial<Json>).modelTopology,
    says: /E_TFJS_FILE.*modelTopology/,
  },
  'no nodes': { change: (json) => (json.modelTopology.node = []), says: /E_TFJS_FILE.*modelTopology.node/ },
  'a node without a name': {
    change: (json) => delete (json.modelTopology.node.at(-1) as { name?: string }).name,
    says: /E_TFJS_FILE.*name/,
  },
  'two nodes of one name': {
    change: (json) => json.modelTopology.node.push({ name: 'mask', op: 'Identity', input: ['stem'] }),
    says: /E_TFJS_FILE.*one node of a name/,
  },
  'an input that nothing makes': {
    change: (json) => (json.modelTopology.node.at(-1)!.input = ['nothing']),
    says: /E_TFJS_FILE.*nothing \(of mask\)/,
  },
  'nodes that wait for each other': {
    change: (json) => (json.modelTopology.node.find(({ name }) => name === 'bend')!.input = ['mask']),
    says: /E_ONNX_(OPS|GRAPH|INPUT)/,
  },
  'a node without its inputs': {
    change: (json) => (json.modelTopology.node.find(({ name }) => name === 'stem')!.input = []),
    says: /E_ONNX_OPS.*tensorflow.Conv2D "stem"/,
  },
  'a filter of another size': {
    change: (json) => (json.weightsManifest[0]!.weights.find(({ name }) => name === 'stem/kernel')!['shape'] = [3, 3, 4, 3]), // prettier-ignore
    says: /E_ONNX_NODE.*stem/,
  },
  'strides of no sizes': {
    change: (json) => (json.modelTopology.node.find(({ name }) => name === 'stem')!.attr!['strides'] = { list: { i: ['1', '0', 'x', '1'] } }), // prettier-ignore
    says: /E_ONNX_NODE.*stem/,
  },
  'a layer of no class': {
    change: (json) => (json.modelTopology = { class_name: 'Sequential', config: { layers: [{ class_name: 'Nothing', config: {} }] } } as never), // prettier-ignore
    says: /E_TFJS_FILE.*layers that TensorFlow.js has/,
  },
};

describe('tfjs: damaged and odd files are refused by name, and nothing is written', () => {
  before(async function () {
    await useEngine(this, 'cpu');
  });

  const refused = async (file: string): Promise<GearnnError> => {
    const root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    const result = await settle(() =>
      importTfjs({ file, out: join(root, 'out'), task: 'segmentation', compare: ['mask'] }),
    );
    expect(readdirSync(root)).to.deep.equal([]);
    expect(result, String((result as Error).stack)).to.be.instanceOf(GearnnError);
    expect((result as GearnnError).message).to.contain(file);
    return result as GearnnError;
  };

  for (const [title, { change, says }] of Object.entries(BROKEN))
    it(title, async () => {
      const file = tinyFile();
      const json = JSON.parse(readFileSync(file, 'utf8')) as Json;
      change(json, dirname(file));
      writeFileSync(file, JSON.stringify(json));
      const { code, message } = await refused(file);
      expect(`${code} ${message}`).to.match(says);
    });

  it('no JSON, and a file that is missing', async () => {
    const file = tinyFile();
    writeFileSync(file, '{"modelTopology":');
    expect((await refused(file)).code).to.equal('E_TFJS_FILE');
    rmSync(file);
    expect((await refused(file)).code).to.equal('E_FILE_MISSING');
  });

  const attributes: Record<string, Record<string, AttributeValue>> = {
    Unpack: { num: 1e12 },
    Split: { num_split: -1 },
  };
  for (const [op, given] of Object.entries(attributes))
    it(`${op} into ${String(Object.values(given)[0])} values`, async () => {
      const inputs = op === 'Split' ? ['axis', 'x'] : ['x'];
      const weights = { axis: integers([1], []) };
      const file = graphFile({ inputs: { x: [1, 4, 4, 3] }, weights, nodes: [{ op, name: 'mask', inputs, attributes: given }] }); // prettier-ignore
      const { code, message } = await refused(file);
      expect(code, message).to.equal('E_ONNX_OPS');
    });
});
