import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { timeInTurns } from '../../bench/serve/throughput.js';
import { GEARNN } from '../support/programs.js';

const call = promisify(execFile);
const MAIN = [...GEARNN, 'bench'];
const SMALL = ['--width', '0.125', '--classes', '3', '--size', '16x24', '--engine', 'cpu', '--json'];

describe('gearnn bench', () => {
  for (const [what, key, model] of [
    ['train', 'secondsPerStep', 'drn-d-22'],
    ['train', 'secondsPerStep', 'resnet-18'],
    ['infer', 'secondsPerBatch', 'drn-d-22'],
    ['infer', 'secondsPerBatch', 'resnet-18'],
  ] as const) {
    it(`${what} ${model}: a time for each counted run, and what computed it`, async () => {
      const options = [...SMALL, '--model', model, '--batch', '1', '--steps', '3'];
      const { stdout } = await call(process.execPath, [...MAIN, what, ...options]);
      const result = JSON.parse(stdout) as Record<string, unknown>;
      const seconds = result[key] as number[];
      expect(seconds).to.have.length(3);
      expect(seconds.every((s) => s > 0)).to.equal(true);
      expect(result).to.include({ engine: 'cpu', precision: 'fp32' });
      expect(result['threads']).to.be.a('number');
    });
  }

  it('swap: times and bytes that follow from the counts', async () => {
    const demo = ['--checkpoint', 'checkpoints/demo', '--adaptors', 'checkpoints/demo/adaptors'];
    const { stdout } = await call(process.execPath, [...MAIN, 'swap', ...demo, '--engine', 'cpu', '--json']);
    const { levels, swapMicroseconds, diskLoadMilliseconds, residentBytes, switchingBytes } = JSON.parse(stdout);
    const base = 1_003_715;
    const adaptors = readdirSync('checkpoints/demo/adaptors').map(
      (level) => JSON.parse(readFileSync(`checkpoints/demo/adaptors/${level}/adaptor_config.json`, 'utf8')).parameters,
    );
    expect(levels).to.equal(adaptors.length + 1);
    expect(residentBytes).to.equal(4 * adaptors.reduce((sum, size) => sum + size, base));
    expect(switchingBytes).to.equal(4 * base * levels);
    expect(swapMicroseconds.p50).to.be.above(0);
    expect(swapMicroseconds.p99).to.be.at.least(swapMicroseconds.p50);
    expect(diskLoadMilliseconds).to.be.above(0);
    const failed = await call(process.execPath, [...MAIN, 'swap']).catch((error: { code: number }) => error);
    expect(failed).to.have.property('code', 2);
  });

  it('serve: a way that goes on for a while is timed to its end, and the next one begins only then', async () => {
    const events: string[] = [];
    const way = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await setTimeout(2);
      events.push(`${name} ends`);
    };
    const times = await timeInTurns({ tiles: way('tiles'), whole: way('whole') }, 2);
    expect([...times].map(([name, list]) => [name, list.length])).to.deep.equal([
      ['tiles', 2],
      ['whole', 2],
    ]);
    const starts = events.filter((_, i) => i % 2 === 0);
    expect(events).to.deep.equal(starts.flatMap((start) => [start, start.replace('begins', 'ends')]));
    expect(starts).to.have.length(8);
  });

  it('refuses anything else to time with exit code 2', async () => {
    const failed = await call(process.execPath, [...MAIN, 'dance']).catch((error: { code: number }) => error);
    expect(failed).to.have.property('code', 2);
  });
});
