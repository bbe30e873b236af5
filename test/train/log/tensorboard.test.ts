import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '../../../src/train/log/crc32c.js';
import { encodeEvent, stepOf, type TensorboardEvent } from '../../../src/train/log/event.js';
import { tensorboardLog } from '../../../src/train/log/tensorboard.js';
import { decodeRecords, encodeRecord } from '../../../src/train/log/tfrecord.js';
import { ROOT } from '../../support/sources.js';

/** Written and read by TensorBoard 2.21's own package: scripts/fixtures/tensorboard_events.py, with the same events. */
const REFERENCE = readFileSync(join(ROOT, 'test/fixtures/train/scalars.tfevents'));
const EVENTS: TensorboardEvent[] = [
  { wallTime: 1700000000.25, step: 0, fileVersion: 'brain.Event:2' },
  { wallTime: 1700000001.5, step: 1, scalars: { 'train/loss': 2.5, 'train/learning_rate': 0.01 } },
  { wallTime: 1700000002.75, step: 300, scalars: { 'train/loss': 0 } },
  { wallTime: 1700000003, step: 5_000_000_000, scalars: { 'epoch/loss': 1e-20, 'epoch/miou': 0.1 } },
];

describe('train/log: TensorBoard events', () => {
  it("are, byte for byte, what TensorBoard's own writer makes of them", () => {
    const file = Buffer.concat(EVENTS.map((event) => encodeRecord(encodeEvent(event))));
    expect(file.equals(REFERENCE)).to.equal(true);
  });

  it('give back their steps', () => {
    const steps = [...decodeRecords(REFERENCE)].map(({ data }) => stepOf(data));
    expect(steps).to.deep.equal(EVENTS.map(({ step }) => step));
  });

  it('are read up to the first that is damaged or cut off', () => {
    const ends = [...decodeRecords(REFERENCE)].map(({ end }) => end);
    expect(ends.at(-1)).to.equal(REFERENCE.length);
    const damaged = Uint8Array.from(REFERENCE);
    damaged[ends[1]! + 14]! ^= 1;
    expect([...decodeRecords(damaged)]).to.have.length(2);
    expect([...decodeRecords(REFERENCE.subarray(0, -1))]).to.have.length(3);
    expect([...decodeRecords(REFERENCE.subarray(0, ends[0]! + 5))]).to.have.length(1);
  });

  it('are summed as RFC 3720 sums', () => {
    expect(crc32c(new Uint8Array(32))).to.equal(0x8a9136aa); // appendix B.4: 32 bytes of zeros
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).to.equal(0x46dd794e); // and 0..31
  });
});

describe('train/log: a TensorBoard folder', () => {
  let folder: string;
  beforeEach(() => (folder = join(mkdtempSync(join(tmpdir(), 'gearnn-')), 'tb')));
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  function run(from: number, to: number, epochs = Math.floor(from / 2)): void {
    const log = tensorboardLog(folder);
    log.begin(from, epochs);
    for (let step = from + 1; step <= to; step++) {
      log.step({ step, epoch: Math.ceil(step / 2), loss: 1 / step, learningRate: 0.1, imagesPerSecond: 5 });
      const epoch = { epoch: step / 2, loss: 1, learningRate: 0.1, seconds: 1, miou: 0.5 };
      if (step % 2 === 0) log.epoch(epoch, step);
    }
    log.close();
  }
  /** Steps of all events but the first, and how many files there are. */
  function recorded(): { files: number; steps: number[] } {
    const names = readdirSync(folder);
    const files = names.map((name) => readFileSync(join(folder, name)));
    const steps = files.flatMap((file) => [...decodeRecords(file)].slice(1).map(({ data }) => stepOf(data)));
    return { files: names.length, steps };
  }

  it('holds one event a step and one an epoch, after the file version', () => {
    run(0, 3);
    expect(recorded()).to.deep.equal({ files: 1, steps: [1, 2, 2, 3] });
    expect(readdirSync(folder)[0]).to.match(/^events\.out\.tfevents\.\d{10}\./);
    const [first] = decodeRecords(readFileSync(join(folder, readdirSync(folder)[0]!)));
    expect(Buffer.from(first!.data).toString('latin1')).to.contain('brain.Event:2');
  });

  it('of a resumed run drops what came after the resumed step and goes on without a step twice', () => {
    run(0, 5);
    run(4, 7);
    expect(recorded()).to.deep.equal({ files: 1, steps: [1, 2, 2, 3, 4, 4, 5, 6, 6, 7] });
  });

  it('of a run resumed before an epoch was validated has that epoch once', () => {
    run(0, 4);
    run(4, 5, 1);
    expect(recorded()).to.deep.equal({ files: 1, steps: [1, 2, 2, 3, 4, 5] });
  });

  it('of a run from the start is empty, and leaves files of other programs alone', () => {
    run(0, 5);
    writeFileSync(join(folder, 'events.out.tfevents.1.other'), '');
    run(0, 1);
    expect(recorded()).to.deep.equal({ files: 2, steps: [1] });
  });
});
