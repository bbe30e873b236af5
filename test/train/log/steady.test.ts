import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { combineLogs, openRunLogs } from '../../../src/train/log/open.js';

const STEP = { step: 1, epoch: 1, loss: 0.5, learningRate: 0.1, imagesPerSecond: 5 };

describe('train/log: what cannot be written', () => {
  let folder: string;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-log-'));
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A run of three steps. */
  function run(logs: { file?: string; tensorboard?: string }, afterBegin?: () => void): void {
    const log = combineLogs(openRunLogs({ ...logs, keep: true, onStop: (message) => said.push(message) }));
    log.begin(0, 0);
    afterBegin?.();
    for (let step = 1; step <= 3; step++) log.step({ ...STEP, step });
    log.epoch({ epoch: 1, loss: 0.4, learningRate: 0.1, seconds: 1 }, 3);
    log.close();
  }

  it('a full disk ends the log alone, said once, and the other log goes on', function () {
    if (!existsSync('/dev/full')) this.skip();
    // Before the other, so that an error would keep its calls from it.
    run({ file: '/dev/full', tensorboard: join(folder, 'board') });
    expect(said).to.deep.equal(['--log /dev/full ends here: the disk is full. The training goes on without it.']);
    expect(existsSync(join(folder, 'board'))).to.equal(true);
  });

  it('a reader of a pipe that leaves ends the log alone, said once', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    run({ file: pipe }, () => closeSync(reader));
    expect(said).to.deep.equal([`--log ${pipe} ends here: its reader has left. The training goes on without it.`]);
  });

  it('a pipe that nobody reads ends the log alone, without waiting for a reader', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    run({ file: pipe });
    expect(said).to.deep.equal([`--log ${pipe} ends here: nobody reads it. The training goes on without it.`]);
  });

  it('a pipe with a reader gets every line', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    run({ file: pipe });
    expect(readFileSync(reader, 'utf8').trimEnd().split('\n')).to.have.lengthOf(4);
    expect(said).to.deep.equal([]);
    closeSync(reader);
  });

  it('a path that is wrong is an error before the first step', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => run({ file: join(folder, 'file/log.jsonl') })).to.throw(/ENOTDIR|EEXIST/);
  });
});
