import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readRecord } from '../../../src/pipeline/record.js';
import { programOf } from '../../support/programs.js';
import { workFolder } from '../support/fake-steps.js';

const SCRIPT = programOf('./support/at-once', import.meta.url);

describe('pipeline: runs at once in one folder', () => {
  let work: string;
  before(() => {
    work = workFolder();
  });
  after(() => rm(work, { recursive: true, force: true }));

  it('all end well, each step is computed once, and the record has the lines of all', async () => {
    const all = [
      ['one', 'a', 'b', 'c'],
      ['two', 'a', 'b', 'c'],
      ['three', 'c', 'd'],
    ];
    const outcomes = await Promise.all(all.map((own) => run(own)));
    for (const { complete } of outcomes) expect(complete).to.equal(true);
    const steps = ['base', ...['a', 'b', 'c', 'd'].flatMap((line) => [`first ${line}`, `last ${line}`])];
    const ran = (await readFile(join(work, 'ran.txt'), 'utf8')).trimEnd().split('\n');
    expect(ran.sort()).to.deep.equal([...steps].sort());
    const record = await readRecord(join(work, 'record.jsonl'));
    for (const id of steps) expect(record.latest(id), id).not.to.equal(undefined);
    // Nothing is left of leases and of folders of writers.
    expect((await readdir(join(work, 'steps'))).filter((name) => name.includes('.'))).to.deep.equal([]);
  });

  async function run(own: string[]): Promise<{ complete: boolean; waited: number }> {
    const process_ = spawn(process.execPath, [...SCRIPT, work, ...own], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    process_.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
    await once(process_, 'close');
    return JSON.parse(text) as { complete: boolean; waited: number };
  }
});
