import { expect } from 'chai';
import { learningRateAt, parseSchedule } from '../../src/train/schedule.js';
import { REFERENCE } from './support/reference.js';

const at = (text: string, step: number, epochs = 3): number =>
  learningRateAt(parseSchedule(text), REFERENCE.settings.rate, { step, steps: 3 * epochs, stepsPerEpoch: 3, epochs });

describe('train: schedule', () => {
  for (const [text, rates] of Object.entries(REFERENCE.schedules)) {
    it(`${text} gives the rates of PyTorch's scheduler`, () => {
      rates.forEach((rate, step) => expect(at(text, step)).to.be.closeTo(rate, 1e-15));
    });
  }

  it('poly is poly:0.9, and constant stays', () => {
    expect(at('poly', 4)).to.equal(at('poly:0.9', 4));
    expect(at('poly', 4)).to.be.closeTo(0.1 * (1 - 4 / 9) ** 0.9, 1e-17);
    expect([0, 4, 8].map((step) => at('constant', step))).to.deep.equal([0.1, 0.1, 0.1]);
  });

  it('rises over the warm-up to what the schedule says, and follows it from there', () => {
    const place = { steps: 9, stepsPerEpoch: 3, epochs: 3, warmup: 3 };
    const rates = [0, 1, 2, 3, 8].map((step) => learningRateAt(parseSchedule('constant'), 0.4, { ...place, step }));
    [0.1, 0.2, 0.3, 0.4, 0.4].forEach((rate, i) => expect(rates[i]).to.be.closeTo(rate, 1e-15));
    const falling = learningRateAt(parseSchedule('poly:1'), 0.4, { ...place, step: 1 });
    expect(falling).to.be.closeTo(0.5 * 0.4 * (1 - 1 / 9), 1e-15);
  });

  it('step falls to a tenth after each third of the epochs, rounded up', () => {
    // Of 7 epochs with 3 steps each, a third is 3 epochs: steps 0-8, 9-17, 18-20.
    const rates = [0, 8, 9, 17, 18, 20].map((step) => at('step', step, 7));
    [0.1, 0.1, 0.01, 0.01, 0.001, 0.001].forEach((rate, i) => expect(rates[i]).to.be.closeTo(rate, 1e-15));
  });

  for (const text of ['', 'cosine', 'poly:0', 'poly:x', 'poly:1:2', 'step:-1', 'step:2:0.5:1', 'constant:1', 'step:']) {
    it(`"${text}" is refused`, () => {
      expect(() => parseSchedule(text))
        .to.throw(/schedule: expected poly, /)
        .with.property('code', 'E_USAGE');
    });
  }
});
