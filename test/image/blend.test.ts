import { expect } from 'chai';
import { blendClasses } from '../../src/image/blend.js';
import { drawCaption } from '../../src/image/caption.js';
import type { Pixels } from '../../src/image/pixels.js';

const gray = (width: number, height: number): Pixels => ({
  ...{ width, height, channels: 3 },
  data: new Uint8Array(width * height * 3).fill(100),
});

describe('blendClasses', () => {
  const colors = [
    [0, 200, 50],
    [250, 0, 0],
  ] as const;

  it('mixes the colour of the class into each pixel, and leaves ids without a colour as they are', () => {
    const classes = { data: Uint8Array.from([0, 1, 255]), width: 3, height: 1 };
    const { data } = blendClasses(gray(3, 1), classes, colors, 0.5);
    expect([...data]).to.deep.equal([50, 150, 75, 175, 50, 50, 100, 100, 100]);
  });

  it('opacity 0 is the picture, 1 the colours, and the picture itself is not changed', () => {
    const picture = gray(2, 1);
    const classes = { data: Uint8Array.from([0, 1]), width: 2, height: 1 };
    expect([...blendClasses(picture, classes, colors, 0).data]).to.deep.equal([...picture.data]);
    expect([...blendClasses(picture, classes, colors, 1).data]).to.deep.equal([0, 200, 50, 250, 0, 0]);
    expect(picture.data.every((value) => value === 100)).to.equal(true);
  });
});

describe('drawCaption', () => {
  /** The picture as text: `#` for white, `.` for darkened, a space for untouched. */
  const draw = (text: string, width: number, height: number): string[] => {
    const pixels = gray(width, height);
    drawCaption(pixels, text);
    return Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => {
        const value = pixels.data[(y * width + x) * 3]!;
        return value === 255 ? '#' : value < 100 ? '.' : ' ';
      }).join(''),
    );
  };

  it('writes white letters on a darkened box', () => {
    expect(draw('=1', 24, 17)).to.deep.equal([
      ...Array<string>(3).fill(' '.repeat(24)),
      ...Array<string>(3).fill('   .................    '),
      '   ...........#.....    ',
      '   ..........##.....    ',
      '   ...#####...#.....    ',
      '   ...........#.....    ',
      '   ...#####...#.....    ',
      '   ...........#.....    ',
      '   ..........###....    ',
      ...Array<string>(3).fill('   .................    '),
      ' '.repeat(24),
    ]);
  });

  it('has a letter of its own for everything that a level is written with', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789=.+-%/:'];
    const drawn = letters.map((letter) => draw(letter, 20, 17).join('\n'));
    expect(new Set(drawn).size).to.equal(letters.length);
    for (const [i, picture] of drawn.entries()) expect(picture, letters[i]).to.contain('#');
  });

  it('grows with the picture, and is cut off at its edge', () => {
    const count = (rows: string[]): number => rows.join('').replaceAll(/[^#]/g, '').length;
    expect(count(draw('jpeg', 400, 540))).to.equal(9 * count(draw('jpeg', 100, 100)));
    expect(count(draw('jpeg=10', 20, 12))).to.be.within(1, count(draw('jpeg=10', 100, 100)) - 1);
  });
});
