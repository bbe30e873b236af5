import { expect } from 'chai';
import { pairReport } from '../../bench/pairs/report.js';
import type { PairRow, Timed } from '../../bench/pairs/cell.js';
import { Side, takeTurns } from '../../bench/side.js';

/** Answers each line by the seconds that it was told, and says its name when it ends. */
const PROGRAM = `
  const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
  const [name, seconds, passes] = process.argv.slice(1);
  let left = Number(passes);
  console.log('a library prints this');
  say({ ready: name });
  require('readline').createInterface({ input: process.stdin })
    .on('line', () => { if (left-- === 0) { console.error('out of memory'); process.exit(1); } say({ seconds: Number(seconds) }); })
    .on('close', () => say({ difference: 0.25 }));
`;
const start = (name: string, seconds: number, passes = 100): Side =>
  Side.start(process.execPath, ['-e', PROGRAM, name, String(seconds), String(passes)]);

describe('bench: programs beside each other', () => {
  it('take turns, and the first two passes of each are not counted', async () => {
    const sides = [start('a', 0.5), start('b', 0.25)];
    expect(await Promise.all(sides.map((side) => side.said()))).to.deep.equal([{ ready: 'a' }, { ready: 'b' }]);
    expect(await takeTurns(sides, 3, 0)).to.deep.equal([
      [0.5, 0.5, 0.5],
      [0.25, 0.25, 0.25],
    ]);
    if (process.platform === 'linux') {
      const { resident, peak } = sides[0]!.memory()!;
      expect(resident).to.be.above(10).and.at.most(peak);
    }
    expect(await Promise.all(sides.map((side) => side.end()))).to.deep.equal([
      { difference: 0.25 },
      { difference: 0.25 },
    ]);
  });

  it('one that ends early says why', async () => {
    const side = start('a', 0.5, 1);
    await side.said();
    expect(await side.turn()).to.equal(0.5);
    const error = await side.turn().catch((reason: Error) => reason);
    expect(error).to.be.an('error').with.property('message', 'ended: out of memory');
  });

  const timed = (seconds: number, difference = 1e-6): Timed => ({
    ...{ version: '1.0', setting: '', seconds, first: 2, resident: 300, peak: 400, difference },
  });
  const row: PairRow = {
    ...{ what: 'infer', network: 'unet', batch: 1, threads: 2, precision: 'fp32', load: 3 },
    programs: {
      gearnn: timed(0.2),
      OpenVINO: timed(0.1),
      'PyTorch eager': timed(0.3, 0.5),
      'onnxruntime-node': { failed: 'no\nmemory' },
    },
  };
  const report = pairReport([row], new Map([['PyTorch compiled', 'bash scripts/onnx-tools.sh']])).split('\n');

  it('the table compares with the best of the peers', () => {
    expect(report).to.include('| unet | fp32 | 1 | 2 | 200 | 100 | 300 | fails | 0.50 |');
    expect(report).to.include('| unet | fp32 | 1 | 2 | 300, 400 | 300, 400 | 300, 400 | fails |');
    expect(report).to.include('| unet | fp32 | 1 | 2 | 2.0 | 2.0 | 2.0 | fails |');
  });

  it('what is not there, fails, or answers otherwise is named', () => {
    expect(report).to.include('PyTorch compiled is not installed: `bash scripts/onnx-tools.sh`.');
    expect(report).to.include('unet fp32 1 2, onnxruntime-node: no memory');
    expect(report).to.include("unet fp32 1 2, PyTorch eager: an answer of its own, 5.0e-1 from onnxruntime's (!)");
  });
});
