import { expect } from 'chai';
import { isRange, levelsIn, parseRange } from '../../src/distort/range.js';

const texts = (text: string): string[] => parseRange(text).levels.map((level) => level.text);

describe('distort: ranges of levels', () => {
  it('hold every value between their ends, by the last decimal that is written', () => {
    expect(texts('jpeg=8..12')).to.deep.equal([8, 9, 10, 11, 12].map((quality) => `jpeg=${quality}`));
    expect(texts('brightness=0.2..0.4')).to.deep.equal(['brightness=0.2', 'brightness=0.3', 'brightness=0.4']);
    expect(texts('brightness=0.20..0.40')).to.have.length(21);
    expect(texts('brightness=0.9..1.1')).to.deep.equal(['brightness=0.9', 'brightness=1', 'brightness=1.1']);
    expect(texts('brightness=0.5+jpeg=5..6')).to.deep.equal(['brightness=0.5+jpeg=5', 'brightness=0.5+jpeg=6']);
    expect(texts('h264=40..41-gop12')).to.deep.equal(['h264=40-gop12', 'h264=41-gop12']);
  });

  it('go by the name of the level in the middle, which is a plain one', () => {
    expect(parseRange('jpeg=8..12').middle.text).to.equal('jpeg=10');
    expect(parseRange('jpeg=8..11').middle.text).to.equal('jpeg=9');
  });

  it('a plain level stands for itself', () => {
    expect(isRange('brightness=0.5+jpeg=30')).to.equal(false);
    expect(levelsIn('jpeg=30').map((level) => level.text)).to.deep.equal(['jpeg=30']);
  });

  const WRONG: [text: string, got: string][] = [
    ['jpeg=12..8', '12..8'],
    ['jpeg=8..8', '8..8'],
    ['jpeg=8..', 'jpeg=8..'],
    ['jpeg=..8', 'jpeg=..8'],
    ['jpeg=8...12', 'jpeg=8...12'],
    ['jpeg=a..b', 'jpeg=a..b'],
    ['jpeg=-1..5', 'jpeg=-1..5'],
    ['jpeg=1..5..9', 'jpeg=1..5..9'],
    ['resolution=240x180..480x360', 'resolution=240x180..480x360'],
    ['jpeg=5..8+brightness=0.1..0.3', 'several'],
    ['jpeg=1..90', '90 in'],
    ['brightness=0.00..1.00', '101 in'],
    ['..', '".."'],
  ];
  for (const [text, got] of WRONG) {
    it(`"${text}" is refused`, () => {
      expect(() => parseRange(text))
        .to.throw(/distort\.range/)
        .and.satisfy((error: Error) => error.message.includes(got));
    });
  }

  it('ends that are no values of the kind are refused as levels are', () => {
    expect(() => parseRange('jpeg=0..5')).to.throw('a JPEG quality from 1 to 100');
    expect(() => parseRange('jpg=5..8')).to.throw('a kind of distortion');
    expect(() => parseRange('jpeg=5..8-gop3')).to.throw('-gop');
  });
});
