import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadAdaptor, saveAdaptor } from '../../src/adaptor/file.js';
import type { ItemsConfig } from '../../src/adaptor/kinds/items.js';
import type { Checkpoint } from '../../src/models/checkpoint.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/models/safetensors.js';
import type { StateDict } from '../../src/models/state-dict.js';

const HASH = 'ab'.repeat(32);

const NETWORK = { name: 'drn-d-22', classes: 2, width: 0.25 };
const CLASSES: ItemsConfig['classes'] = [
  { name: 'road', color: [128, 64, 128] },
  { name: 'sky', color: [70, 130, 180] },
];
const CONFIG: Omit<ItemsConfig, 'format' | 'version'> = {
  level: 'jpeg=10',
  base: HASH,
  network: NETWORK,
  classes: CLASSES,
  items: [
    { name: 'seg.bias', tensors: ['seg.bias'], size: 2 },
    { name: 'b.running', tensors: ['b.running_mean', 'b.running_var'], size: 6 },
  ],
  parameters: 8,
  budget: { text: '0.2%', parameters: 9 },
  training: { epochs: 4 },
};

const values = (shape: number[], first = 0.1) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => first + i),
});

const wholeState = (): StateDict =>
  new Map([
    ['a.weight', values([3, 3, 1, 1])],
    ['b.running_mean', values([3], 5)],
    ['b.running_var', values([3], 6)],
    ['seg.bias', values([2], 7)],
  ]);

const baseOf = (changes: Partial<Checkpoint> = {}): Checkpoint => ({
  folder: 'BASE',
  hash: HASH,
  state: wholeState(),
  config: {
    format: 'gearnn-checkpoint',
    version: 1,
    network: NETWORK,
    classes: CLASSES,
    ignore: 255,
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    storage: 'fp32',
    training: {},
  },
  ...changes,
});

async function errorOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  return promise.then(
    () => ({ code: 'none', message: '' }),
    (error: { code: string; message: string }) => error,
  );
}

describe('adaptor file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-'));
    await saveAdaptor(folder, CONFIG, wholeState());
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const tensorsPath = () => join(folder, 'adaptor.safetensors');
  const edit = (change: Record<string, unknown>): void => {
    const path = join(folder, 'adaptor_config.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
  };

  it("stores the items' tensors and no other, as fp32", () => {
    const { tensors } = decodeSafetensors(readFileSync(tensorsPath()), 'x');
    expect([...tensors.keys()].sort()).to.deep.equal(['b.running_mean', 'b.running_var', 'seg.bias']);
    expect([...tensors.values()].map(({ dtype }) => dtype)).to.deep.equal(['F32', 'F32', 'F32']);
    expect(readdirSync(folder).sort()).to.deep.equal(['adaptor.safetensors', 'adaptor_config.json']);
  });

  it('gives back what was saved, to the bit, on its own base', async () => {
    const { config, state } = await loadAdaptor(folder, baseOf());
    expect(config).to.deep.equal({ format: 'gearnn-adaptor', version: 1, ...CONFIG });
    const whole = wholeState();
    expect([...state]).to.deep.equal(
      ['seg.bias', 'b.running_mean', 'b.running_var'].map((name) => [name, whole.get(name)]),
    );
  });

  it('is refused on another base, with both hashes', async () => {
    const { code, message } = await errorOf(loadAdaptor(folder, baseOf({ hash: 'cd'.repeat(32) })));
    expect(code).to.equal('E_ADAPTOR_BASE_MISMATCH');
    expect(message).to.include(HASH).and.include('cd'.repeat(32)).and.include(folder).and.include('BASE');
  });

  it("is refused where the classes are not the base's", async () => {
    edit({ classes: [CLASSES[0], { ...CLASSES[1], name: 'heaven' }] });
    const { code, message } = await errorOf(loadAdaptor(folder, baseOf()));
    expect(code).to.equal('E_ADAPTOR_CLASSES');
    expect(message).to.match(/\(road, sky\), got road, heaven/);
  });

  it('is refused where the base has a tensor in another shape, or not at all', async () => {
    const other = wholeState().set('seg.bias', values([1, 2]));
    const shape = await errorOf(loadAdaptor(folder, baseOf({ state: other })));
    expect(shape.code).to.equal('E_ADAPTOR_SHAPE');
    expect(shape.message).to.match(/seg\.bias: expected shape \[1,2\].*, got shape \[2\]/);
    other.delete('seg.bias');
    const none = await errorOf(loadAdaptor(folder, baseOf({ state: other })));
    expect(none.code).to.equal('E_ADAPTOR_SHAPE');
    expect(none.message).to.match(/a tensor of the base/);
  });

  it('is refused where its files contradict each other', async () => {
    writeFileSync(tensorsPath(), encodeSafetensors(new Map([['seg.bias', { dtype: 'F32', ...values([2]) }]])));
    expect(await errorOf(loadAdaptor(folder))).to.include({ code: 'E_ADAPTOR' });
    const more = [...wholeState()].map(([name, value]) => [name, { dtype: 'F32', ...value }] as const);
    writeFileSync(tensorsPath(), encodeSafetensors(new Map(more)));
    const { code, message } = await errorOf(loadAdaptor(folder));
    expect(code).to.equal('E_ADAPTOR');
    expect(message).to.match(/and no other, got a\.weight/);
  });

  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['another format', { format: 'gearnn-checkpoint' }, /format/],
    ['a base that is no hash', { base: 'BASE' }, /base.*not a SHA-256/],
    ["parameters that are not the items' sum", { parameters: 7 }, /parameters.*not the sum/],
    ['an item whose size is not its tensors', { items: [{ ...CONFIG.items[0], size: 8 }] }, /8 parameters in item seg/],
  ];
  for (const [title, change, message] of wrong) {
    it(`with ${title} is refused, naming file and field`, async () => {
      edit(change);
      const error = await errorOf(loadAdaptor(folder));
      expect(error.code).to.equal('E_ADAPTOR');
      expect(error.message).to.include(folder).and.match(message);
    });
  }

  it('that is not there is named, and so is each of its files', async () => {
    rmSync(tensorsPath());
    expect((await errorOf(loadAdaptor(folder))).message).to.match(/adaptor\.safetensors.*no such file/);
    const { code, message } = await errorOf(loadAdaptor(join(folder, 'none')));
    expect(code).to.equal('E_ADAPTOR');
    expect(message).to.match(/none.adaptor_config\.json.*no such file/);
  });

  it('is not written where the state lacks a tensor of an item', async () => {
    const state = wholeState();
    state.delete('b.running_var');
    const there = join(folder, 'new');
    const { code, message } = await errorOf(saveAdaptor(there, CONFIG, state));
    expect(code).to.equal('E_ADAPTOR');
    expect(message).to.match(/b\.running_var of item b\.running/);
    expect(readdirSync(folder)).not.to.include('new');
  });
});
