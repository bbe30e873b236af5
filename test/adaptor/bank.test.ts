import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { AdaptorBank } from '../../src/adaptor/bank.js';
import { GearnnError } from '../../src/common/errors.js';
import { createNetwork } from '../../src/models/registry.js';
import type { Network } from '../../src/models/network.js';
import { stateDict, type StateDict } from '../../src/models/state-dict.js';

/** Every value of some of the network's tensors, moved by `by`. */
function moved(network: Network, names: string[], by: number): StateDict {
  const state = stateDict(network);
  return new Map(names.map((name) => [name, { ...state.get(name)!, data: state.get(name)!.data.map((v) => v + by) }]));
}

describe('adaptor bank', () => {
  const [A, B, BOTH] = ['base.0.1.bias', 'base.1.0.weight', 'base.0.1.running_mean'];
  let network: Network;
  let bank: AdaptorBank;
  let base: StateDict;
  let tensors: number;

  before(async () => {
    await tf.setBackend('cpu');
  });

  beforeEach(() => {
    tensors = tf.memory().numTensors;
    network = createNetwork({ name: 'drn-d-22', classes: 3, width: 0.125 }, { seed: 5 });
    base = stateDict(network);
    bank = new AdaptorBank(network);
    bank.add('jpeg=10', moved(network, [A!, BOTH!], 1));
    bank.add('jpeg=50', moved(network, [B!, BOTH!], 2));
  });

  afterEach(() => {
    bank.dispose();
    network.dispose();
    expect(tf.memory().numTensors).to.equal(tensors);
  });

  const differences = (): string[] =>
    [...stateDict(network)]
      .filter(([name, { data }]) => data.some((v, i) => v !== base.get(name)!.data[i]))
      .map(([name]) => name);

  it('puts in exactly the tensors of the adaptor, in the layout of the network', () => {
    bank.swap('jpeg=50');
    expect(differences()).to.have.members([B, BOTH]);
    const { data } = stateDict(network).get(B!)!;
    expect([...data]).to.deep.equal([...base.get(B!)!.data.map((v) => Math.fround(v + 2))]);
    expect(bank.level).to.equal('jpeg=50');
  });

  it('gives items that only the last adaptor had back to the base', () => {
    bank.swap('jpeg=10');
    bank.swap('jpeg=50');
    expect(differences()).to.have.members([B, BOTH]);
    bank.swap(null);
    expect(differences()).to.deep.equal([]);
  });

  it('changes nothing when the level is unknown', () => {
    bank.swap('jpeg=10');
    expect(() => bank.swap('jpeg=30'))
      .to.throw(GearnnError)
      .with.property('code', 'E_ADAPTOR_LEVEL');
    expect(differences()).to.have.members([A, BOTH]);
  });

  it('refuses a tensor of another shape, one the network does not have and a fixed one, and takes nothing of it', () => {
    const wrong: StateDict[] = [
      new Map([[A!, { shape: [3], data: new Float32Array(3) }]]),
      new Map([['nowhere.weight', { shape: [1], data: new Float32Array(1) }]]),
      new Map([['up.weight', base.get('up.weight')!]]),
    ];
    for (const state of wrong) {
      expect(() => bank.add('jpeg=5', state))
        .to.throw(GearnnError)
        .with.property('code', 'E_ADAPTOR_SHAPE');
    }
    expect(bank.levels).to.deep.equal(['jpeg=10', 'jpeg=50']);
  });

  it('swaps the base in when the active adaptor is removed or replaced', () => {
    bank.swap('jpeg=10');
    bank.add('jpeg=10', moved(network, [A!], 7));
    expect(bank.level).to.equal(null);
    expect(differences()).to.deep.equal([]);
    bank.swap('jpeg=10');
    bank.remove('jpeg=10');
    expect(differences()).to.deep.equal([]);
    expect(bank.levels).to.deep.equal(['jpeg=50']);
  });

  it('leaves the number of tensors as it is over 10,000 swaps', () => {
    const count = tf.memory().numTensors;
    const levels = ['jpeg=10', 'jpeg=50', null] as const;
    for (let i = 0; i < 10_000; i++) bank.swap(levels[i % 3]!);
    expect(tf.memory().numTensors).to.equal(count);
  });
});
