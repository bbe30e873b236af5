import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GEARNN } from '../support/programs.js';

const call = promisify(execFile);
const EVAL = [...GEARNN, 'eval', '--checkpoint', 'checkpoints/demo'];

interface Answer {
  rows: { method: string; level: string; miou: number; iou: (number | null)[]; pixelAccuracy: number }[];
  intervals: { method: string; points: number; low: number; high: number }[];
  memory: { method: string; parameters: number; overhead: number }[];
}

describe('gearnn eval --checkpoint, on the shipped demo network', function () {
  this.timeout(240_000);

  it('shows the adaptor win back what darkness took, and what it costs in memory', async () => {
    const { stdout } = await call(process.execPath, [
      ...EVAL,
      ...['--adaptors', 'checkpoints/demo/adaptors', '--data', 'scenes:7', '--level', 'brightness=0.3', '--json'],
      ...['--block', '1'],
    ]);
    const { rows, intervals, memory } = JSON.parse(stdout) as Answer;
    expect(rows.map(({ method, level }) => `${method} ${level}`)).to.deep.equal([
      'original brightness=0.3',
      'adaptor brightness=0.3',
    ]);
    // checkpoints/demo/README.md: 0.027 and 0.584.
    expect(rows[0]!.miou).to.be.lessThan(0.1);
    expect(rows[1]!.miou).to.be.greaterThan(0.5);
    for (const { iou, miou } of rows) {
      const known = iou.filter((value) => value !== null);
      expect(iou).to.have.length(11);
      expect(miou).to.be.closeTo(known.reduce((sum, value) => sum + value, 0) / known.length, 1e-12);
    }
    expect(intervals.map(({ method }) => method)).to.deep.equal(['adaptor']);
    const [{ points, low, high }] = intervals as [Answer['intervals'][number]];
    expect(points).to.be.closeTo(100 * (rows[1]!.miou - rows[0]!.miou), 1e-9);
    expect(points).to.be.within(low, high);
    expect(low).to.be.above(30);
    expect(memory.map(({ method }) => method)).to.deep.equal(['original', 'adaptor']);
    expect(memory[1]!.overhead).to.be.within(0.5, 1);
  });

  it('runs on smaller pictures as they came, or enlarged with --infer-size original', async () => {
    const scores = async (...parameters: string[]): Promise<number[]> => {
      const data = ['--data', 'scenes:7@32x48', '--level', 'resolution=0.5x', '--json'];
      const { stdout } = await call(process.execPath, [...EVAL, ...data, ...parameters]);
      return (JSON.parse(stdout) as Answer).rows.map(({ pixelAccuracy }) => pixelAccuracy);
    };
    const received = await scores();
    expect(received).to.have.length(1);
    expect(await scores('--infer-size', 'original')).not.to.deep.equal(received);
  });

  it('names a dataset that is not there', async () => {
    const failed = (await call(process.execPath, [...EVAL, '--data', 'list:test/fixtures/nowhere']).catch(
      (error: unknown) => error,
    )) as { code: number; stderr: string };
    expect(failed.code).to.equal(1);
    expect(failed.stderr).to.include('E_DATA');
  });
});
