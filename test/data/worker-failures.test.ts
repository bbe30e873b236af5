import { expect } from 'chai';
import { BatchLoader } from '../../src/data/batches.js';
import { expectFailure } from '../support/failure.js';
import { moduleUrl } from '../support/programs.js';
import type { NumberedArguments } from './support/sources/numbered.js';

type Failure = Error & { code?: string; parts?: Record<string, unknown>; path?: string };

const open: BatchLoader[] = [];

async function openLoader(args: Partial<NumberedArguments>, workers = 1): Promise<BatchLoader> {
  const module = moduleUrl('./support/sources/numbered', import.meta.url).href;
  const source = { module, args: { count: 8, ...args } };
  const loader = await BatchLoader.open({ source, split: 'train', batch: 1, seed: 1, shuffle: false, workers });
  open.push(loader);
  return loader;
}

async function run(loader: BatchLoader): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of loader.epoch(0)) ids.push(...batch.ids);
  return ids;
}

function failureOf(promise: Promise<unknown>): Promise<Failure> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error as Failure,
  );
}

describe('data: failures in worker threads', () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): number => unhandled.push(reason);
  before(() => process.on('unhandledRejection', note));
  after(() => process.off('unhandledRejection', note));
  afterEach(async () => {
    await Promise.all(open.splice(0).map((loader) => loader.close()));
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled.splice(0)).to.deep.equal([]);
  });

  it('an error of gearnn arrives with its code, parts, message and cause, at the batch that it concerns', async () => {
    const loader = await openLoader({ fails: { 2: 'gearnn' } });
    const epoch = loader.epoch(0);
    expect([(await epoch.next()).value!.ids, (await epoch.next()).value!.ids]).to.deep.equal([['0'], ['1']]);
    const error = await failureOf(epoch.next());
    expect([error.name, error.code]).to.deep.equal(['GearnnError', 'E_IMAGE_DECODE']);
    expect(error.message).to.equal('a.png: expected an image, got none. Mend it.');
    expect({ ...error.parts, cause: undefined }).to.deep.equal({
      where: 'a.png',
      expected: 'an image',
      got: 'none',
      todo: 'Mend it.',
      cause: undefined,
    });
    expect((error.cause as Error).message).to.equal('deep');
  });

  it('an error of the system arrives with its code and path', async () => {
    const error = await failureOf(run(await openLoader({ fails: { 0: 'system' } })));
    expect([error.message, error.code, error.path]).to.deep.equal(['EACCES: no', 'EACCES', '/a.png']);
  });

  it('any other error arrives with its message and the place in the worker', async () => {
    const error = await failureOf(run(await openLoader({ fails: { 0: 'other' } })));
    expect(error.message).to.equal('a fault');
    expect(error.stack).to.contain('support/sources/numbered.');
  });

  it('a sample that fails leaves the loader usable', async () => {
    const loader = await openLoader({ fails: { 0: 'gearnn' } });
    await expectFailure(run(loader), 'E_IMAGE_DECODE');
    const second = await loader.epoch(0, 1).next();
    expect(second.value!.ids).to.deep.equal(['1']);
  });

  it('a source that only the worker cannot open fails the first batch', async () => {
    const error = await failureOf(run(await openLoader({ openFails: true })));
    expect(error.message).to.equal('opening failed');
  });

  for (const [how, text] of [
    ['exit', 'exited with code 7'],
    ['throw-later', 'from nowhere'],
  ] as const) {
    it(`a thread that ends (${how}) fails the batches in hand and all later ones, of every thread`, async () => {
      const loader = await openLoader({ fails: { 1: how } }, 2);
      await expectFailure(run(loader), 'E_DATA_WORKER', text);
      await expectFailure(run(loader), 'E_DATA_WORKER', text);
    });
  }

  it('close() while a batch is awaited ends the wait', async () => {
    const loader = await openLoader({ fails: { 0: 'never' } });
    const waiting = expectFailure(run(loader), 'E_DATA_CLOSED');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await loader.close();
    await waiting;
  });

  it('a closed loader refuses, and can be closed again', async () => {
    const loader = await openLoader({});
    await loader.close();
    await loader.close();
    await expectFailure(run(loader), 'E_DATA_CLOSED', 'was closed');
  });
});
