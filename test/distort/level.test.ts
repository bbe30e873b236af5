import { expect } from 'chai';
import { GearnnError } from '../../src/common/errors.js';
import { formatLevel, parseLevel } from '../../src/distort/level.js';

describe('distort: levels', () => {
  it('`clean` is no step', () => {
    expect(parseLevel('clean')).to.deep.equal({ text: 'clean', steps: [] });
    expect(formatLevel([])).to.equal('clean');
  });

  it('steps keep their order', () => {
    expect(parseLevel('brightness=0.5+jpeg=30').steps).to.deep.equal([
      { kind: 'brightness', value: 0.5 },
      { kind: 'jpeg', value: 30 },
    ]);
    expect(parseLevel('jpeg=30+brightness=0.5').text).to.equal('jpeg=30+brightness=0.5');
    expect(parseLevel('jpeg=10+jpeg=95').text).to.equal('jpeg=10+jpeg=95');
  });

  it('one setting has one writing', () => {
    expect(parseLevel('jpeg=030').text).to.equal('jpeg=30');
    expect(parseLevel('brightness=.50+jpeg=30').text).to.equal('brightness=0.5+jpeg=30');
    expect(parseLevel('brightness=2.0').text).to.equal('brightness=2');
  });

  it('a factor that JavaScript writes with an exponent reads back', () => {
    expect(parseLevel(parseLevel('brightness=0.0000001').text).text).to.equal('brightness=1e-7');
  });

  for (const [text, message] of [
    [
      'jpeg=0',
      'distort.level: expected a JPEG quality from 1 to 100, got 0 in "jpeg=0". Use jpeg=1 for the strongest compression.',
    ],
    [
      'brightness=0.5+jpeg=101',
      'distort.level: expected a JPEG quality from 1 to 100, got 101 in "brightness=0.5+jpeg=101". Use jpeg=100 for the weakest compression, or clean for none.',
    ],
    [
      'jpeg=30.5',
      'distort.level: expected a JPEG quality from 1 to 100, got 30.5 in "jpeg=30.5". Write a whole number, for example jpeg=30.',
    ],
    [
      'brightness=-1',
      'distort.level: expected a factor from 0 to 255, got -1 in "brightness=-1". Use brightness=0 for a black image.',
    ],
    ['fog=6', 'distort.level: expected a severity from 1 to 5, got 6 in "fog=6". Use fog=5 for the strongest.'],
    [
      'brightness=',
      'distort.level: expected a factor from 0 to 255, got nothing in "brightness=". Write a number, for example brightness=0.5 for half as bright.',
    ],
    [
      'brightness=1e3',
      'distort.level: expected a factor from 0 to 255, got 1e3 in "brightness=1e3". Use brightness=255, which already makes every value but 0 white.',
    ],
    [
      'blur=3',
      'distort.level: expected a kind of distortion (brightness, defocus, fog, gamma, h264, jpeg, motion, noise, resolution), got "blur" in "blur=3". Write for example jpeg=30 or brightness=0.5+jpeg=30.',
    ],
    [
      '30',
      'distort.level: expected `clean`, or steps `kind=value` joined by `+`, got "30". Write for example jpeg=30 or brightness=0.5+jpeg=30.',
    ],
    [
      'clean+jpeg=30',
      'distort.level: expected `clean`, or steps `kind=value` joined by `+`, got "clean" in "clean+jpeg=30". Write for example jpeg=30 or brightness=0.5+jpeg=30.',
    ],
  ] as const) {
    it(`refuses ${text} and says what to write`, () => {
      expect(() => parseLevel(text))
        .to.throw(GearnnError, message)
        .with.property('code', 'E_DISTORT_LEVEL');
    });
  }

  for (const text of [
    '',
    'jpeg',
    'jpeg=30+',
    '+jpeg=30',
    'jpeg= 30',
    'JPEG=30',
    'jpeg=1e1',
    'jpeg=NaN',
    'brightness=Infinity',
    'brightness=0,5',
  ]) {
    it(`refuses "${text}"`, () => {
      expect(() => parseLevel(text)).to.throw(GearnnError);
    });
  }
});
