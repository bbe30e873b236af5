import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const call = promisify(execFile);
const MAIN = ['--import=tsx', 'cli/main.ts', 'bench'];
const SMALL = [
  '--model',
  'drn-d-22',
  '--width',
  '0.125',
  '--classes',
  '3',
  '--size',
  '16x24',
  '--engine',
  'cpu',
  '--json',
];

describe('gearnn bench', () => {
  for (const [what, key] of [
    ['train', 'secondsPerStep'],
    ['infer', 'secondsPerBatch'],
  ] as const) {
    it(`${what}: a time for each counted run, and what computed it`, async () => {
      const { stdout } = await call(process.execPath, [...MAIN, what, ...SMALL, '--batch', '1', '--steps', '3']);
      const result = JSON.parse(stdout) as Record<string, unknown>;
      const seconds = result[key] as number[];
      expect(seconds).to.have.length(3);
      expect(seconds.every((s) => s > 0)).to.equal(true);
      expect(result).to.include({ engine: 'cpu', precision: 'fp32' });
      expect(result['threads']).to.be.a('number');
    });
  }

  it('refuses anything else to time with exit code 2', async () => {
    const failed = await call(process.execPath, [...MAIN, 'dance']).catch((error: { code: number }) => error);
    expect(failed).to.have.property('code', 2);
  });
});
