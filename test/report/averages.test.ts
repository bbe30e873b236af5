import { expect } from 'chai';
import { averagesOf, recovered } from '../../src/report/averages.js';
import { metricInfo } from '../../src/report/metrics.js';
import type { ResultRow } from '../../src/report/schema.js';
import { PAPER_METHODS as methods } from './support/results.js';

const row = (method: string, level: string, miou: number | null): ResultRow => ({
  method,
  level,
  scores: { miou },
  primary: 'miou',
  parameters: 1,
});

describe('report: averages', () => {
  it('are the means over the levels, and their differences in points', () => {
    const rows = [
      row('original', 'clean', 0.9),
      row('original', 'jpeg=5', 0.3),
      row('adaptor', 'jpeg=5', 0.4),
      row('switching', 'jpeg=5', 0.45),
      row('original', 'jpeg=9', 0.5),
      row('adaptor', 'jpeg=9', 0.52),
      row('switching', 'jpeg=9', 0.51),
    ];
    const { levels, means, points } = averagesOf({ levels: ['jpeg=5', 'jpeg=9'], methods, rows })!;
    expect(levels).to.deep.equal(['jpeg=5', 'jpeg=9']);
    expect(means.original).to.be.closeTo(0.4, 1e-12);
    expect(means.adaptor).to.be.closeTo(0.46, 1e-12);
    expect(means.switching).to.be.closeTo(0.48, 1e-12);
    expect(points.adaptor!.overOriginal).to.be.closeTo(6, 1e-9);
    expect(points.adaptor!.overSwitching).to.be.closeTo(-2, 1e-9);
  });

  it('leave out levels that lack a method or its score, and are null without any level', () => {
    const rows = [
      row('original', 'jpeg=5', 0.3),
      row('adaptor', 'jpeg=5', null),
      row('switching', 'jpeg=5', 0.4),
      row('original', 'jpeg=9', 0.5),
    ];
    expect(averagesOf({ levels: ['jpeg=5', 'jpeg=9'], methods, rows })).to.equal(null);
  });

  it('leave out methods without any row, and differences from methods that are not compared', () => {
    const rows = [row('adaptor', 'jpeg=5', 0.4), row('original', 'jpeg=5', 0.3)];
    const { means, points } = averagesOf({ levels: ['jpeg=5', 'jpeg=9'], methods, rows })!;
    expect(means).to.deep.equal({ original: 0.3, adaptor: 0.4 });
    expect(points.adaptor!.overOriginal).to.be.closeTo(10, 1e-9);
    expect(points.adaptor!.overSwitching).to.equal(null);
    const alone = averagesOf({ levels: ['jpeg=5'], methods: methods.slice(1, 2), rows })!;
    expect(alone.points).to.deep.equal({ adaptor: { overOriginal: null, overSwitching: null } });
  });

  it('recovered is the adaptor’s share of the full fine-tune’s gain, and nothing where that gains nothing', () => {
    const miou = metricInfo('miou');
    expect(recovered(0.4, 0.45, 0.5, miou)).to.be.closeTo(0.5, 1e-12);
    expect(recovered(0.4, 0.52, 0.5, miou)).to.be.closeTo(1.2, 1e-12);
    expect(recovered(0.4, 0.5, 0.4005, miou)).to.equal(null);
  });
});
