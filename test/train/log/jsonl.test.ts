import { expect } from 'chai';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonlLog } from '../../../src/train/log/jsonl.js';

describe('train/log: JSON lines', () => {
  let root: string;
  let path: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    path = join(root, 'logs/run.jsonl');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function run(from: number, to: number, epochs = Math.floor(from / 2)): void {
    const log = jsonlLog(path);
    log.begin(from, epochs);
    for (let step = from + 1; step <= to; step++) {
      log.step({ step, epoch: Math.ceil(step / 2), loss: 0.5, learningRate: 0.1, imagesPerSecond: 5 });
      if (step % 2 === 0) log.epoch({ epoch: step / 2, loss: 0.4, learningRate: 0.1, seconds: 1, miou: 0.3 }, step);
    }
    log.close();
  }
  const lines = () => readFileSync(path, 'utf8').trimEnd().split('\n');
  const events = () =>
    lines().map((line) => {
      const { event, step } = JSON.parse(line) as { event: string; step: number };
      return `${event} ${step}`;
    });

  it('hold every figure of a step and of an epoch', () => {
    run(0, 2);
    expect(lines().map((line) => JSON.parse(line) as unknown)).to.deep.equal([
      { event: 'step', step: 1, epoch: 1, loss: 0.5, learningRate: 0.1, imagesPerSecond: 5 },
      { event: 'step', step: 2, epoch: 1, loss: 0.5, learningRate: 0.1, imagesPerSecond: 5 },
      { event: 'epoch', step: 2, epoch: 1, loss: 0.4, learningRate: 0.1, seconds: 1, miou: 0.3 },
    ]);
  });

  it('of a resumed run drop what came after the resumed step, and a line that was cut off', () => {
    run(0, 5);
    appendFileSync(path, '{"event":"st');
    run(4, 6);
    expect(events()).to.deep.equal([
      ...['step 1', 'step 2', 'epoch 2', 'step 3', 'step 4', 'epoch 4'],
      ...['step 5', 'step 6', 'epoch 6'],
    ]);
    appendFileSync(path, '{"event":"st');
    run(6, 7);
    expect(events().slice(-2)).to.deep.equal(['epoch 6', 'step 7']);
  });

  it('of a run resumed before an epoch was validated have that epoch once', () => {
    run(0, 4);
    run(4, 5, 1);
    expect(events()).to.deep.equal(['step 1', 'step 2', 'epoch 2', 'step 3', 'step 4', 'step 5']);
  });

  it('of a run from the start begin anew', () => {
    run(0, 5);
    run(0, 1);
    expect(events()).to.deep.equal(['step 1']);
  });

  for (const content of ['notes\n', '{"a":1}\n', 'no end of line', '[1]\n']) {
    it(`are never written over another file: ${JSON.stringify(content)}`, () => {
      path = join(root, 'notes.txt');
      writeFileSync(path, content);
      expect(() => run(0, 1))
        .to.throw(/notes\.txt/)
        .with.property('code', 'E_TRAIN_LOG');
      expect(readFileSync(path, 'utf8')).to.equal(content);
    });
  }
});
