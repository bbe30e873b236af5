import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fail } from '../../src/common/errors.js';
import type { StepWriter, Store } from '../../src/pipeline/store/store.js';
import { Fleet } from './support/fleet.js';
import { until } from './support/until.js';

const written = [{ id: 'only', kind: 'base', seconds: 3, inputs: [] }];

describe('queue: leases', () => {
  let fleet: Fleet;
  beforeEach(async function () {
    fleet = await Fleet.start(this);
  });
  afterEach(() => fleet.end());

  it('a worker that loses its lease stops computing, writes nothing, and the step is done by whoever has it then', async () => {
    const lose = { now: false };
    const first = fleet.worker('first', { store: losing(fleet.store(), lose) });
    const run = fleet.coordinate({ written });
    await until(() => first.events.some(({ event }) => event === 'begins'));
    lose.now = true;
    await until(() => first.events.some(({ event }) => event === 'handed back'));
    expect(first.events.at(-1)!.why).to.contain('lease was lost');
    expect((await readdir(`${fleet.folder}/steps`)).filter((name) => !name.includes('.'))).to.deep.equal([]);
    first.stop();
    await first.ended;
    const second = fleet.worker('second');
    expect((await run).failures).to.deep.equal([]);
    expect(second.events.at(-1)!.event).to.equal('done');
  });

  it('a step that another one writes is handed back, and done when its result is there', async () => {
    const store = fleet.store();
    const worker = fleet.worker('a', { store: held(store, 2) });
    expect((await fleet.coordinate({ written: [{ ...written[0]!, seconds: 0.1 }] })).failures).to.deep.equal([]);
    expect(worker.events.map(({ event, why }) => `${event} ${why ?? ''}`)).to.deep.equal([
      'handed back somebody writes it',
      'handed back somebody writes it',
      'begins ',
      'done ',
    ]);
    expect(existsSync(`${fleet.folder}/steps`)).to.equal(true);
  });
});

/** A store whose leases are lost from a moment on. */
function losing(store: Store, lose: { now: boolean }): Store {
  return wrapped(store, async (identity, options) => {
    const writer = await store.begin(identity, options);
    if (!('folder' in writer)) return writer;
    const check = (): void => {
      if (lose.now) fail('E_PIPELINE_LEASE_LOST', { where: 'the lease', expected: 'it held', got: 'another' });
    };
    return new Proxy(writer, {
      get: (target, name) =>
        name === 'renew' || name === 'publish'
          ? async (...given: never[]) => {
              check();
              return (target[name] as (...given: never[]) => Promise<unknown>)(...given);
            }
          : bound(target, name as keyof StepWriter),
    });
  });
}

/** A store that another one writes to the first times that somebody asks. */
function held(store: Store, times: number): Store {
  let asked = 0;
  return wrapped(store, async (identity, options) =>
    asked++ < times ? { holder: 'somebody' } : store.begin(identity, options),
  );
}

function wrapped(store: Store, begin: Store['begin']): Store {
  return new Proxy(store, {
    get: (target, name) => (name === 'begin' ? begin : bound(target, name as keyof Store)),
  });
}

function bound<T extends object>(target: T, name: keyof T): unknown {
  const value = target[name];
  return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
}
