import { expect } from 'chai';
import { WorkerPool } from '../../src/data/pool.js';
import { expectFailure } from '../support/failure.js';
import { moduleUrl } from '../support/programs.js';

const ENTRY = moduleUrl('./support/thread-id', import.meta.url);

const open = (data: string): WorkerPool<string, { thread: number; data: string }> => new WorkerPool(ENTRY, data, 1);

describe('data: WorkerPool', () => {
  it('a thread that has nothing to do when its pool closes works for the next one, with that one’s data', async () => {
    const first = open('a');
    const { thread } = await first.run('');
    await first.close();
    const second = open('b');
    expect(await second.run('')).to.deep.equal({ thread, data: 'b' });
    await second.close();
  });

  it('one with a task in hand ends with its pool', async () => {
    const first = open('a');
    const { thread } = await first.run('');
    const failed = expectFailure(first.run('never'), 'E_DATA_CLOSED');
    await first.close();
    await failed;
    const second = open('b');
    expect((await second.run('')).thread).not.to.equal(thread);
    await second.close();
  });

  it('two pools at a time have threads of their own', async () => {
    const pools = [open('a'), open('b')];
    const [a, b] = await Promise.all(pools.map((pool) => pool.run('')));
    expect([a!.data, b!.data, a!.thread === b!.thread]).to.deep.equal(['a', 'b', false]);
    await Promise.all(pools.map((pool) => pool.close()));
  });
});
