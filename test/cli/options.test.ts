import { expect } from 'chai';
import { Command, type Option } from 'commander';
import {
  addEngineOptions,
  decimal,
  integer,
  levelsOption,
  seedOption,
  sizeOption,
  type EngineFlags,
} from '../../cli/options.js';
import { GearnnError } from '../../src/common/errors.js';

/** What commander makes of a command line with one shared option. */
function parse(option: Option, ...words: string[]): Record<string, unknown> {
  return new Command().exitOverride().addOption(option).parse(words, { from: 'user' }).opts();
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof GearnnError) return `${error.message} (${error.code})`;
    throw error;
  }
  return 'not refused';
}

describe('cli: options', () => {
  it('--size 64x128 is height 64 and width 128', () => {
    expect(parse(sizeOption(), '--size', '64x128')).to.deep.equal({ size: [64, 128] });
  });

  for (const text of ['64', '64x', '0x128', '64X128', '64x-1', '6.4x8']) {
    it(`--size ${text} is refused with what would be right`, () => {
      expect(refusal(() => parse(sizeOption(), `--size=${text}`))).to.equal(
        `--size: expected HEIGHTxWIDTH such as 256x512, got "${text}". (E_USAGE)`,
      );
    });
  }

  it('--seed is 0 unless said', () => {
    expect(parse(seedOption())).to.deep.equal({ seed: 0 });
    expect(parse(seedOption(), '--seed', '7')).to.deep.equal({ seed: 7 });
  });

  it('--level collects every use, in order', () => {
    expect(parse(levelsOption(), '--level', 'jpeg=5', '--level', 'jpeg=1')).to.deep.equal({
      level: ['jpeg=5', 'jpeg=1'],
    });
  });

  for (const text of ['', ' 1', '1.5', '-1', '1e3', '0x10', '9007199254740993', 'Infinity']) {
    it(`a whole number is not "${text}"`, () => {
      expect(refusal(() => integer('--n', 0)(text))).to.equal(
        `--n: expected a whole number from 0 on, got "${text}". (E_USAGE)`,
      );
    });
  }

  it('a whole number below the minimum is refused', () => {
    expect(integer('--threads', 1)('1')).to.equal(1);
    expect(refusal(() => integer('--threads', 1)('0'))).to.contain('--threads: expected a whole number from 1 on');
  });

  it('a decimal number is finite and within its range', () => {
    expect(decimal('--lr', 0)('1e-3')).to.equal(0.001);
    for (const text of ['', 'NaN', 'Infinity', '-1', 'x']) {
      expect(
        refusal(() => decimal('--lr', 0)(text)),
        text,
      ).to.contain(`--lr: expected a number from 0 on, got "${text}"`);
    }
    expect(refusal(() => decimal('--x', 0, 1)('1.5'))).to.contain('a number from 0 to 1');
  });

  it('the engine is left to be found unless it is named, in fp32', () => {
    const flags = addEngineOptions(new Command()).parse([], { from: 'user' }).opts<EngineFlags>();
    expect(flags).to.deep.equal({ precision: 'fp32' });
  });
});
