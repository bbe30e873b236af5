import { expect } from 'chai';
import { levelLines } from '../../src/report/lines.js';
import { exampleResults } from './support/results.js';

describe('report: table for a terminal', () => {
  it('has a row per level: level, original, adaptor, switching', () => {
    expect(levelLines(exampleResults(['jpeg=3', 'brightness=0.5']))).to.deep.equal([
      'level            original    adaptor  switching',
      'jpeg=3              0.329      0.402      0.421',
      'brightness=0.5      0.375      0.439      0.465',
    ]);
  });

  it('shows a dash for what is not there yet', () => {
    const { levels, methods, rows } = exampleResults(['jpeg=3']);
    expect(levelLines({ levels, methods, rows: rows.filter(({ method }) => method === 'original') })[1]).to.equal(
      'jpeg=3      0.329          –          –',
    );
  });
});
