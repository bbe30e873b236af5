import { expect } from 'chai';
import type { Step } from '../../src/pipeline/graph.js';
import { inOrder } from '../../src/pipeline/graph.js';
import { fake } from './support/fake-steps.js';

describe('pipeline: graph', () => {
  it('puts every step after its inputs, once, and otherwise in the order of the goals', () => {
    const a = fake('a');
    const b = fake('b', { inputs: { a } });
    const c = fake('c', { inputs: { a, b } });
    const d = fake('d');
    expect(inOrder([d, c, b]).map(({ id }) => id)).to.deep.equal(['d', 'a', 'b', 'c']);
  });

  it('refuses a step that needs itself', () => {
    const inputs: Record<string, Step> = {};
    const a = fake('a', { inputs });
    inputs['b'] = fake('b', { inputs: { a } });
    expect(() => inOrder([a])).to.throw(/step "a".*needs itself/);
  });

  it('refuses two steps of one id', () => {
    expect(() => inOrder([fake('a'), fake('a')])).to.throw(/step "a".*two steps/);
  });
});
