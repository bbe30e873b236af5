import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import type { Network } from '../../src/models/network.js';
import { createNetwork } from '../../src/models/registry.js';
import { loadStateDict, matchState, stateDict, type StateDict } from '../../src/models/state-dict.js';

const CONFIG = { name: 'drn-d-22', classes: 3, width: 0.125 };

/** Replaces some tensors of a state; null takes one out. */
function changed(state: StateDict, changes: Record<string, StateDict extends Map<string, infer V> ? V | null : never>) {
  const result: StateDict = new Map(state);
  for (const [name, values] of Object.entries(changes)) {
    if (values) result.set(name, values);
    else result.delete(name);
  }
  return result;
}

const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });

describe('state dict', () => {
  let network: Network;
  let other: Network;
  before(async () => {
    await tf.setBackend('cpu');
    network = createNetwork(CONFIG, { seed: 1 });
    other = createNetwork(CONFIG, { seed: 20 });
  });
  after(() => {
    network.dispose();
    other.dispose();
  });

  it('carries names and shapes of the reference, in its order', () => {
    const state = stateDict(network);
    expect([...state.keys()].slice(0, 6)).to.deep.equal([
      'base.0.0.weight',
      'base.0.1.weight',
      'base.0.1.bias',
      'base.0.1.running_mean',
      'base.0.1.running_var',
      'base.1.0.weight',
    ]);
    expect([...state.keys()].slice(-3)).to.deep.equal(['seg.weight', 'seg.bias', 'up.weight']);
    expect(state.get('base.0.0.weight')!.shape).to.deep.equal([8, 3, 7, 7]);
    expect(state.get('up.weight')!.shape).to.deep.equal([3, 1, 16, 16]);
  });

  it('shares nothing with the network', () => {
    const state = stateDict(network);
    for (const { data } of state.values()) data.fill(9);
    expect([...stateDict(network).get('base.0.1.weight')!.data]).to.deep.equal(Array(8).fill(1));
    expect(stateDict(network).get('up.weight')!.data[0]).to.equal(1 / 256);
  });

  it('takes names with `module.` in front, counts of batches, and no upsampler', () => {
    const state = changed(stateDict(network), { 'up.weight': null, 'base.0.1.num_batches_tracked': zeros() });
    const prefixed: StateDict = new Map([...state].map(([name, values]) => [`module.${name}`, values]));
    prefixed.get('module.seg.bias')!.data.fill(5);
    loadStateDict(other, prefixed);
    expect([...stateDict(other).get('seg.bias')!.data]).to.deep.equal([5, 5, 5]);
  });

  it('refuses a tensor under two names, naming both', () => {
    const state = stateDict(network);
    const twice: StateDict = new Map([...state, ['module.seg.bias', zeros(3)]]);
    for (const given of [twice, new Map([...twice].reverse())]) {
      expect(() => loadStateDict(other, given, 'some.safetensors'))
        .to.throw('some.safetensors: expected each tensor under one name, got both seg.bias and module.seg.bias')
        .with.property('code', 'E_STATE');
    }
  });

  it('names everything missing, unknown and misshapen in one error, and then has changed nothing', () => {
    const state = changed(stateDict(network), {
      'base.0.0.weight': null,
      'base.2.0.weight': null,
      'fc.weight': zeros(2),
      'seg.bias': zeros(19),
      'seg.weight': zeros(19, 64, 1, 1),
    });
    state.get('base.0.1.bias')!.data.fill(77);
    expect(() => loadStateDict(other, state, 'some.safetensors'))
      .to.throw(
        'some.safetensors: expected the 128 tensors of the network, got no base.0.0.weight, base.2.0.weight; the unknown ' +
          'fc.weight; seg.weight [19,64,1,1] instead of [3,64,1,1], seg.bias [19] instead of [3].',
      )
      .with.property('code', 'E_STATE');
    expect([...stateDict(other).get('base.0.1.bias')!.data]).not.to.include(77);
  });

  it('counts what it does not name', () => {
    expect(() => matchState(network.parameters, new Map(), 'x')).to.throw(
      /got no base\.0\.0\.weight, .* and 121 more\./,
    );
  });

  it('refuses an upsampler that has learned', () => {
    const state = stateDict(network);
    state.get('up.weight')!.data[300]! += 1e-5;
    expect(() => loadStateDict(other, state))
      .to.throw(/up\.weight.*0\.0000100/)
      .with.property('code', 'E_UPSAMPLER');
    state.get('up.weight')!.data[300] = NaN;
    expect(() => loadStateDict(other, state))
      .to.throw()
      .with.property('code', 'E_UPSAMPLER');
  });
});
