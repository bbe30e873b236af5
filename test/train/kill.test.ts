import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programOf } from '../support/programs.js';

const CHILD = programOf('./support/child', import.meta.url);
const STEPS = 16;

describe('train: kill -9', function () {
  this.timeout(600_000);
  let root: string;
  before(() => (root = mkdtempSync(join(tmpdir(), 'gearnn-'))));
  after(() => rmSync(root, { recursive: true }));

  /**
   * Trains, or goes on, into `OUT/name`; kills the process some milliseconds after it printed `steps` steps, or lets it end.
   *
   * @returns whether it ended by itself
   */
  async function train(name: string, steps = Infinity, milliseconds = 0): Promise<boolean> {
    const child = spawn(process.execPath, [...CHILD, join(root, name), join(root, `${name}.jsonl`)]);
    let [seen, errors] = [0, ''];
    child.stdout.on('data', (piece: Buffer) => {
      seen += piece.toString().split('\n').length - 1;
      if (seen >= steps) void sleep(milliseconds).then(() => child.kill('SIGKILL'));
    });
    child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (signal !== 'SIGKILL') expect(code, errors).to.equal(0);
    return signal !== 'SIGKILL';
  }
  const weights = (name: string) => readFileSync(join(root, name, 'model.safetensors')).toString('base64');

  it('at random moments, resuming gives the bytes of the uninterrupted run, and a log without gap or double', async () => {
    await train('whole');
    const moments: string[] = [];
    const random = (limit: number): number => Math.floor(Math.random() * limit);
    // Early, in the middle of the rest, and around the last steps and the writing of the results.
    for (const steps of [1 + random(3), 3 + random(4), 8]) {
      const milliseconds = random(30);
      moments.push(`${steps} steps + ${milliseconds} ms`);
      if (await train('killed', steps, milliseconds)) break;
    }
    await train('killed');
    expect(weights('killed'), `killed after ${moments.join(', ')}`).to.equal(weights('whole'));
    expect(existsSync(join(root, 'killed/.state'))).to.equal(false);

    const lines = readFileSync(join(root, 'killed.jsonl'), 'utf8').trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { event: string; step: number; loss: number });
    const steps = events.filter(({ event }) => event === 'step').map(({ step }) => step);
    expect(steps).to.deep.equal(Array.from({ length: STEPS }, (_, i) => i + 1));
    const whole = readFileSync(join(root, 'whole.jsonl'), 'utf8').trimEnd().split('\n');
    const losses = (written: typeof events) => written.map(({ event, step, loss }) => [event, step, loss]);
    expect(losses(events)).to.deep.equal(losses(whole.map((line) => JSON.parse(line) as (typeof events)[0])));
  });
});
