import { expect } from 'chai';
import { gamma } from '../../src/distort/gamma.js';
import { fixtureJson } from './support/corruptions.js';

const EVERY_BYTE = { data: Uint8Array.from({ length: 256 }, (_, i) => i), width: 256, height: 1, channels: 1 } as const;

describe('distort: gamma', () => {
  for (const [exponent, expected] of Object.entries(fixtureJson<Record<string, number[]>>('corruptions/gamma.json'))) {
    it(`${exponent}: equals scikit-image 0.22's adjust_gamma on all 256 byte values`, async () => {
      expect([...(await gamma.apply(EVERY_BYTE, Number(exponent))).data]).to.deep.equal(expected);
    });
  }

  for (const text of ['0', '0.009', '100.1', '1e1', '-2', '+2']) {
    it(`refuses ${text}`, () => {
      expect(gamma.parse(text)).to.equal(undefined);
    });
  }
});
