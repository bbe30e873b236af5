import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeNpy } from '../../src/common/npy.js';
import { decodeImage } from '../../src/image/decode.js';
import { gearnn } from './support/gearnn.js';

const CALL = ['frequency', '--checkpoint', 'checkpoints/demo', '--data', 'scenes:7@40x56', '--samples', '2'];

interface Answer {
  width: number;
  height: number;
  images: number;
  level: string;
  loss: number;
  total: number;
  shares: Record<string, number>;
  changes?: Record<string, number>;
}

/** The tests follow each other. */
describe('gearnn frequency, on the shipped demo network', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'gearnn-frequency-'))));
  after(() => rmSync(folder, { recursive: true }));
  const at = (...path: string[]): string => join(folder, ...path);
  const values = (...path: string[]): number[] => {
    const { data, shape } = decodeNpy(readFileSync(at(...path)))!;
    expect(shape).to.deep.equal([40, 56]);
    return [...data];
  };

  it('writes a response and its picture for the channels together and each alone', async () => {
    const { code, out, err } = await gearnn(...CALL, '--out', at('base'), '--json');
    expect(code, err).to.equal(0);
    const answer = JSON.parse(out) as Answer;
    expect(answer).to.include({ width: 56, height: 40, images: 2, level: 'clean' });
    const names = ['response', 'response-b', 'response-g', 'response-r'];
    expect(readdirSync(at('base')).sort()).to.deep.equal(
      [...names.flatMap((name) => [`${name}.npy`, `${name}.png`]), 'response.json'].sort(),
    );
    const [together, blue, green, red] = names.map((name) => values('base', `${name}.npy`));
    together!.forEach((value, i) =>
      expect(value).to.be.closeTo((red![i]! + green![i]! + blue![i]!) / 3, 1e-6 * Math.max(...together!)),
    );
    expect(together!.reduce((sum, value) => sum + value, 0)).to.be.closeTo(answer.total, 1e-6 * answer.total);
    for (const name of names) {
      const picture = await decodeImage(readFileSync(at('base', `${name}.png`)), name);
      expect(picture).to.include({ width: 56, height: 40 });
    }
    // Zero frequency lies in the upper left corner: there is more to see than in the opposite quarter.
    const quarter = (top: number, left: number): number =>
      together!.reduce((sum, value, i) => {
        const [v, u] = [Math.floor(i / 56) - top, (i % 56) - left];
        return v >= 0 && v < 20 && u >= 0 && u < 28 ? sum + value : sum;
      }, 0);
    expect(quarter(0, 0)).to.be.greaterThan(2 * quarter(20, 28));
  });

  it('with an adaptor at its level and --compare, writes what is different', async () => {
    const call = [...CALL, '--adaptor', 'checkpoints/demo/adaptors/brightness=0.3', '--level', 'brightness=0.3'];
    const { code, out, err } = await gearnn(...call, '--compare', at('base'), '--out', at('dark'), '--json');
    expect(code, err).to.equal(0);
    expect(err).to.contain('is of images at clean, not brightness=0.3');
    const [here, there, difference] = [
      values('dark', 'response.npy'),
      values('base', 'response.npy'),
      values('dark', 'difference.npy'),
    ];
    difference.forEach((value, i) => expect(value).to.equal(Math.fround(here[i]! - there[i]!)));
    expect(Math.max(...difference.map(Math.abs))).to.be.greaterThan(0);
    expect(readdirSync(at('dark'))).to.include.members(['difference.png', 'ratio.png']);
    const { changes, level } = JSON.parse(out) as Answer;
    expect(level).to.equal('brightness=0.3');
    expect(Object.keys(changes!)).to.deep.equal(['low', 'mid', 'high']);
  });

  it('with --force and no --compare, leaves nothing of an earlier comparison', async () => {
    const { code, err } = await gearnn(...CALL, '--out', at('dark'), '--force');
    expect(code, err).to.equal(0);
    expect(readdirSync(at('dark')).sort()).to.deep.equal(readdirSync(at('base')).sort());
  });

  it('refuses to write over a response, and to compare with what is none or of another size', async () => {
    const again = await gearnn(...CALL, '--out', at('base'));
    expect(again.code).to.equal(1);
    expect(again.err).to.contain('E_OUT_EXISTS');
    const none = await gearnn(...CALL, '--compare', at('nowhere'), '--out', at('new'));
    expect(none.err).to.contain('E_FREQUENCY').and.to.contain('response.json');
    const small = CALL.map((word) => word.replace('40x56', '32x32'));
    const other = await gearnn(...small, '--compare', at('base'), '--out', at('new'));
    expect(other.err).to.contain('E_DATA_SIZE').and.to.contain('expected images of one size, 56x40, got 32x32');
    expect(readdirSync(folder).sort()).to.deep.equal(['base', 'dark']);
  });
});
