import { expect } from 'chai';
import type { Json } from '../../src/pipeline/graph.js';
import { addressOf, differences, stepIdentity } from '../../src/pipeline/identity.js';
import { fake } from './support/fake-steps.js';

describe('pipeline: identity of a step', () => {
  const identity = (settings: Json) => stepIdentity(fake('a', { settings }), {});
  const address = (settings: Json): string => addressOf(identity(settings));
  const reading = (output: Json): string => addressOf(stepIdentity(fake('b'), { a: output }));

  it('is the same whatever the order of its settings', () => {
    expect(address({ epochs: 2, seed: 1 })).to.equal(address({ seed: 1, epochs: 2 }));
  });

  for (const [name, value, other] of [
    ['inferSize', 'received', 'original'],
    ['values', 'change', 'taylor'],
    ['choose', 'knapsack', 'greedy'],
    ['seed', null, 0],
    ['methods', { original: 'original', adaptor: 'adaptor', switching: 'switching' }, { original: 'original' }],
  ] as const) {
    it(`leaves ${name} out where it is ${JSON.stringify(value)}, the default`, () => {
      expect(address({ level: 'jpeg=5', [name]: value })).to.equal(address({ level: 'jpeg=5' }));
      expect(identity({ level: 'jpeg=5', [name]: value }).settings).to.deep.equal({ level: 'jpeg=5' });
      expect(address({ level: 'jpeg=5', [name]: other })).not.to.equal(address({ level: 'jpeg=5' }));
    });
  }

  it('drops nothing else, whatever it is', () => {
    expect(identity({ level: null, epochs: 0, inner: { choose: 'knapsack' } }).settings).to.deep.equal({
      level: null,
      epochs: 0,
      inner: { choose: 'knapsack' },
    });
  });

  it('drops a default from what is read of an input too', () => {
    const usual = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    expect(reading({ hash: 'h', preprocessing: usual })).to.equal(reading({ hash: 'h' }));
    expect(reading({ hash: 'h', preprocessing: { ...usual, std: [1, 1, 1] } })).not.to.equal(reading({ hash: 'h' }));
  });

  it('tells a setting that ceased to be the default', () => {
    const [before, now] = [identity({ choose: 'knapsack' }), identity({ choose: 'greedy' })];
    expect(differences(before, now)).to.equal('choose is "greedy", was not set');
  });
});
