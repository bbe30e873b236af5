import { expect } from 'chai';
import type { FrameRequest, Inference } from '../../src/serve/inference.js';
import { type Job, Queue } from '../../src/serve/queue.js';
import { expectFailure } from '../support/failure.js';
import { pass } from './support/server.js';

const LIMITS = { queue: 8, queueBytes: 1000, batch: 1, batchDelay: 0, pixels: 1000 };

/** An engine that answers when a test says so. */
class HeldEngine {
  /** First bytes of the frames of each batch that was begun. */
  readonly batches: number[][] = [];
  private finish: (() => void)[] = [];

  readonly run = async (_model: string, requests: FrameRequest[]): Promise<(Inference | Error)[]> => {
    const values = requests.map(({ frame }) => (frame as Uint8Array)[0]!);
    this.batches.push(values);
    await new Promise<void>((resolve) => this.finish.push(resolve));
    return values.map((value) => (value === 99 ? new Error('99') : inferenceOf(value)));
  };

  /** Ends the batch that runs, and lets the next begin. */
  async answer(): Promise<void> {
    this.finish.shift()!();
    await pass(0);
  }

  async answerAll(): Promise<void> {
    while (this.finish.length > 0) await this.answer();
  }
}

function inferenceOf(value: number): Inference {
  const timings = { decode: 0, detect: 0, swap: 0, forward: 0 };
  const mask = Uint8Array.of(value);
  const outputs = { mask: { dtype: 'int32' as const, shape: [1, 1, 1], data: mask } };
  const told = { level: 'clean', version: 'base', confidence: 1, source: 'none', seen: {} } as const;
  return { outputs, mask, width: 1, height: 1, ...told, timings };
}

function job(value: number, line: string, fields: Partial<Job> = {}): Job {
  return { model: 'm', frame: Uint8Array.of(value), width: 1, height: 1, line, deadline: 10, ...fields };
}

/** For an answer that the test does not wait for: its deadline may pass after the test has ended. */
function leave(answer: Promise<unknown>): void {
  answer.catch(() => undefined);
}

describe('serve: queue', () => {
  let engine: HeldEngine;

  beforeEach(() => {
    engine = new HeldEngine();
  });

  function make(limits: Partial<typeof LIMITS> = {}): Queue {
    const queue = new Queue({ limits: { ...LIMITS, ...limits }, run: engine.run });
    queue.open = true;
    return queue;
  }

  it('every answer goes to the one who asked', async () => {
    const queue = make({ batch: 3 });
    const answers = [1, 2, 3, 4, 5].map((value) => queue.submit(job(value, `line ${value}`)));
    await engine.answerAll();
    expect((await Promise.all(answers)).map(({ mask }) => mask[0])).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('lines take turns: one that sends much does not hold up one that sends little', async () => {
    const queue = make();
    for (const [value, line] of [
      [1, 'a'],
      [2, 'a'],
      [3, 'a'],
      [4, 'a'],
      [5, 'b'],
      [6, 'c'],
    ] as const)
      leave(queue.submit(job(value, line)));
    await engine.answerAll();
    expect(engine.batches.flat()).to.deep.equal([1, 2, 5, 6, 3, 4]);
  });

  it('frames that wait run together up to the batch, one a line before a second of any', async () => {
    const queue = make({ batch: 3 });
    leave(queue.submit(job(0, 'z')));
    for (const [value, line] of [
      [1, 'a'],
      [2, 'a'],
      [3, 'b'],
      [4, 'b'],
      [5, 'c'],
    ] as const)
      leave(queue.submit(job(value, line)));
    await engine.answerAll();
    expect(engine.batches).to.deep.equal([[0], [1, 3, 5], [2, 4]]);
  });

  it('only frames of one size and one network run together, and the frames of a line keep their order', async () => {
    const queue = make({ batch: 4 });
    leave(queue.submit(job(0, 'z')));
    leave(queue.submit(job(1, 'a')));
    leave(queue.submit(job(2, 'a', { width: 2 })));
    leave(queue.submit(job(3, 'a')));
    leave(queue.submit(job(4, 'b', { model: 'n' })));
    leave(queue.submit(job(5, 'c')));
    await engine.answerAll();
    expect(engine.batches).to.deep.equal([[0], [1, 5], [4], [2], [3]]);
  });

  it('a batch holds no more pixels than one image may', async () => {
    const queue = make({ batch: 4, pixels: 250 });
    const large = { width: 10, height: 10 };
    leave(queue.submit(job(0, 'z')));
    for (const value of [1, 2, 3]) leave(queue.submit(job(value, `line ${value}`, large)));
    await engine.answerAll();
    expect(engine.batches).to.deep.equal([[0], [1, 2], [3]]);
  });

  it('an idle engine waits the delay for a second frame, and no longer', async () => {
    const queue = make({ batch: 2, batchDelay: 50 });
    leave(queue.submit(job(1, 'a')));
    await pass(5);
    expect(engine.batches).to.deep.equal([]);
    leave(queue.submit(job(2, 'b')));
    expect(engine.batches).to.deep.equal([[1, 2]]);
    await engine.answer();
    leave(queue.submit(job(3, 'a')));
    await pass(100);
    expect(engine.batches).to.deep.equal([[1, 2], [3]]);
  });

  it('a full queue refuses at once, by number and by bytes, and takes more when one has run', async () => {
    const queue = make({ queue: 2, queueBytes: 100 });
    const running = queue.submit(job(0, 'a'));
    const waiting = [queue.submit(job(1, 'a')), queue.submit(job(2, 'b'))];
    await expectFailure(
      Promise.resolve().then(() => queue.submit(job(3, 'c'))),
      'E_SERVE_BUSY',
    );
    await engine.answerAll();
    await Promise.all([running, ...waiting]);
    leave(queue.submit(job(4, 'a', { frame: new Uint8Array(60) })));
    leave(queue.submit(job(5, 'a', { frame: new Uint8Array(60) })));
    await expectFailure(
      Promise.resolve().then(() => queue.submit(job(6, 'a', { frame: new Uint8Array(60) }))),
      'E_SERVE_BUSY',
      '60 bytes',
    );
    await engine.answerAll();
  });

  it('a deadline ends the waiting, queued or running, and the queued frame never runs', async () => {
    const queue = make();
    const running = queue.submit(job(1, 'a', { deadline: 0.02 }));
    const waiting = queue.submit(job(2, 'b', { deadline: 0.02 }));
    await Promise.all([expectFailure(running, 'E_SERVE_DEADLINE'), expectFailure(waiting, 'E_SERVE_DEADLINE')]);
    expect(queue.length).to.equal(0);
    await engine.answerAll();
    expect(engine.batches).to.deep.equal([[1]]);
  });

  it('the frame of a client that left is dropped while it waits', async () => {
    const queue = make();
    const client = new AbortController();
    leave(queue.submit(job(1, 'a')));
    const gone = queue.submit(job(2, 'b', { signal: client.signal }));
    leave(queue.submit(job(3, 'c')));
    client.abort();
    await expectFailure(gone, 'E_SERVE_LEFT');
    await engine.answerAll();
    expect(engine.batches).to.deep.equal([[1], [3]]);
  });

  it('says of a frame that was taken and never ran, and of no other', async () => {
    const queue = make({ queue: 1 });
    const dropped: number[] = [];
    const submit = (value: number, fields: Partial<Job> = {}): Promise<unknown> =>
      queue.submit(job(value, 'a', { ...fields, onDrop: () => dropped.push(value) }));
    const running = submit(1, { deadline: 0.02 });
    const waiting = submit(2, { deadline: 0.02 });
    await expectFailure(
      Promise.resolve().then(() => submit(3)),
      'E_SERVE_BUSY',
    );
    await Promise.all([expectFailure(running, 'E_SERVE_DEADLINE'), expectFailure(waiting, 'E_SERVE_DEADLINE')]);
    expect(dropped).to.deep.equal([2]);
    await engine.answerAll();
  });

  it('one frame that fails fails alone; a failed run fails its frames and no others', async () => {
    const queue = make({ batch: 2 });
    leave(queue.submit(job(0, 'z')));
    const [bad, good] = [queue.submit(job(99, 'a')), queue.submit(job(2, 'b'))];
    const caught = bad.catch((error: Error) => error.message);
    await engine.answerAll();
    expect(await caught).to.equal('99');
    expect((await good).mask[0]).to.equal(2);

    const broken = new Queue({ limits: LIMITS, run: () => Promise.reject(new Error('down')) });
    broken.open = true;
    const first = await broken.submit(job(1, 'a')).catch((error: Error) => error.message);
    expect(first).to.equal('down');
    expect(broken.length).to.equal(0);
  });

  it('while it is closed frames wait, and run once it opens', async () => {
    const queue = make();
    queue.open = false;
    const answer = queue.submit(job(1, 'a'));
    await pass(5);
    expect(engine.batches).to.deep.equal([]);
    queue.open = true;
    await engine.answerAll();
    expect((await answer).mask[0]).to.equal(1);
  });
});
