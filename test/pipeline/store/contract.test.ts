import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Identity } from '../../../src/pipeline/identity.js';
import { beginStep, finishStep } from '../../../src/pipeline/run-step.js';
import { openStore } from '../../../src/pipeline/store/open-store.js';
import { Bucket } from '../../../src/common/bucket.js';
import { isHeld, type BeginOptions, type StepWriter, type Store } from '../../../src/pipeline/store/store.js';
import { workFolder } from '../support/fake-steps.js';
import { startS3, type S3Server } from '../../support/s3-server.js';

const ME: BeginOptions = { owner: 'me', silence: 60 };
const YOU: BeginOptions = { owner: 'you', silence: 60 };

function identityOf(settings: string, id = 'a'): Identity {
  return { id, kind: 'fake', version: 1, settings, inputs: {} };
}

async function write(writer: StepWriter, text: string): Promise<void> {
  await mkdir(join(writer.folder, 'deep'), { recursive: true });
  await writeFile(join(writer.folder, 'deep/result.txt'), text);
}

async function writing(store: Store, identity: Identity, options = ME): Promise<StepWriter> {
  const writer = await store.begin(identity, options);
  if (isHeld(writer)) throw new Error(`${writer.holder} holds it`);
  return writer;
}

/** Makes a result whose file and output are a text. */
async function make(store: Store, identity: Identity, text: string): Promise<void> {
  const writer = await writing(store, identity);
  await write(writer, text);
  await finishStep(writer, { output: text }, { seconds: 1 });
}

async function textOf(store: Store, identity: Identity): Promise<string> {
  return readFile(join(await store.folderOf(identity), 'deep/result.txt'), 'utf8');
}

for (const kind of ['folder', 's3'] as const) {
  describe(`pipeline: a store in ${kind === 's3' ? 'a bucket' : 'a folder'}`, function () {
    let server: S3Server | undefined;
    let local: string;
    let place: string;
    const before_ = { ...process.env };
    before(async function () {
      if (kind !== 's3') return;
      server = await startS3(this);
      Object.assign(process.env, server.environment);
    });
    after(async () => {
      process.env = before_;
      await server?.stop();
    });
    beforeEach(() => {
      local = workFolder();
      place = kind === 's3' ? `s3://steps/${randomBytes(4).toString('hex')}/deep` : join(local, 'store');
    });
    afterEach(() => rm(local, { recursive: true, force: true }));
    /** As another process on another machine opens it. */
    const open = (): Promise<Store> => openStore(place, join(local, randomBytes(4).toString('hex')));

    it('has nothing at first, and says so', async () => {
      const store = await open();
      expect(await store.find(identityOf('s'))).to.deep.equal({ state: 'missing', interrupted: false });
      expect(await store.latest(identityOf('s'))).to.equal(undefined);
      const error = await store.folderOf(identityOf('s')).catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(Error);
    });

    it('gives others what one published, with its files', async () => {
      const [one, other] = [await open(), await open()];
      await make(one, identityOf('s'), 'made');
      const found = await other.find(identityOf('s'));
      expect(found).to.have.property('state', 'cached');
      expect(found).to.have.nested.property('stamp.files').that.deep.equals({ 'deep/result.txt': 4 });
      expect(await textOf(other, identityOf('s'))).to.equal('made');
      expect(await textOf(one, identityOf('s'))).to.equal('made');
    });

    it('knows the newest result of an id, whatever it was made from', async () => {
      const store = await open();
      await make(store, identityOf('first'), 'x');
      await sleep(5);
      await make(store, identityOf('second'), 'y');
      await make(store, identityOf('third', 'other'), 'z');
      const latest = await (await open()).latest(identityOf('new'));
      expect(latest?.step.settings).to.equal('second');
    });

    it('shows nothing of a result before it is whole', async () => {
      const [one, other] = [await open(), await open()];
      const writer = await writing(one, identityOf('s'));
      await write(writer, 'half');
      expect(await other.find(identityOf('s'))).to.have.property('state', 'missing');
    });

    it('lets one writer at a step at a time, and the next one when that is done', async () => {
      const [one, other] = [await open(), await open()];
      const writer = await writing(one, identityOf('s'));
      expect(await other.begin(identityOf('s'), YOU)).to.deep.equal({ holder: 'me' });
      expect(await other.begin(identityOf('t'), YOU)).to.have.property('folder');
      await write(writer, 'made');
      await finishStep(writer, { output: null }, { seconds: 1 });
      const begun = await beginStep(other, identityOf('s'), YOU);
      expect(begun).to.have.nested.property('stamp.seconds', 1);
      // And gave the lease back.
      expect(await beginStep(one, identityOf('s'), ME)).to.have.property('stamp');
    });

    it('keeps what a writer left for the next one to go on from', async () => {
      const [one, other] = [await open(), await open()];
      const writer = await writing(one, identityOf('s'));
      expect(writer.resuming).to.equal(false);
      await write(writer, 'half');
      await writer.checkpoint();
      await writer.release();
      expect(await other.find(identityOf('s'))).to.deep.equal({ state: 'missing', interrupted: true });
      const next = await writing(other, identityOf('s'), YOU);
      expect(next.resuming).to.equal(true);
      expect(await readFile(join(next.folder, 'deep/result.txt'), 'utf8')).to.equal('half');
      await finishStep(next, { output: null }, { seconds: 1 });
      const found = await one.find(identityOf('s'));
      expect(found).to.have.nested.property('stamp.files').that.deep.equals({ 'deep/result.txt': 4 });
    });

    it('begins with nothing where asked to', async () => {
      const store = await open();
      const writer = await writing(store, identityOf('s'));
      await write(writer, 'half');
      await writer.checkpoint();
      await writer.release();
      const next = await writing(store, identityOf('s'), { ...YOU, fresh: true });
      expect(next.resuming).to.equal(false);
      expect(existsSync(join(next.folder, 'deep'))).to.equal(false);
    });

    it('removes what a writer discards', async () => {
      const store = await open();
      const writer = await writing(store, identityOf('s'));
      await write(writer, 'half');
      await writer.discard();
      expect(existsSync(writer.folder)).to.equal(false);
      expect((await writing(await open(), identityOf('s'))).resuming).to.equal(false);
    });

    it('gives a silent writer’s step to another; it finds out before it publishes, and nothing of it is seen', async () => {
      const [one, other] = [await open(), await open()];
      const silent = await writing(one, identityOf('s'), { owner: 'me', silence: 0.3 });
      await write(silent, 'late!');
      expect(await other.begin(identityOf('s'), YOU)).to.have.property('holder');
      await sleep(400);
      const next = await writing(other, identityOf('s'), YOU);
      const error = await silent.renew().catch((reason: Error) => reason);
      expect(error).to.have.property('code', 'E_PIPELINE_LEASE_LOST');
      const refused = await finishStep(silent, { output: 'late' }, { seconds: 1 }).catch((reason: Error) => reason);
      expect(refused).to.have.property('code', 'E_PIPELINE_LEASE_LOST');
      await silent.discard();
      expect(await other.begin(identityOf('s'), ME)).to.have.property('holder', 'you');
      await write(next, 'made');
      await finishStep(next, { output: 'made' }, { seconds: 2 });
      expect(await textOf(one, identityOf('s'))).to.equal('made');
    });

    it('leaves the step to a writer that shows it lives, however long it takes', async () => {
      const [one, other] = [await open(), await open()];
      const writer = await writing(one, identityOf('s'), { owner: 'me', silence: 0.4 });
      for (let beat = 0; beat < 6; beat++) {
        await sleep(150);
        await writer.renew();
        expect(await other.begin(identityOf('s'), YOU)).to.have.property('holder', 'me');
      }
    });

    it('takes over at once from a process that is gone', async () => {
      // The holder's name as it stands in the lease, with an id that no process has.
      const [one, other] = [await open(), await open()];
      const pid = Object.getOwnPropertyDescriptor(process, 'pid')!;
      Object.defineProperty(process, 'pid', { value: 2 ** 22 + 1, configurable: true });
      await writing(one, identityOf('s')).finally(() => Object.defineProperty(process, 'pid', pid));
      expect(await other.begin(identityOf('s'), YOU)).to.have.property('folder');
    });

    it('makes a result anew that lost a file, and says which', async () => {
      const one = await open();
      await make(one, identityOf('s'), 'made');
      if (server) {
        const bucket = await Bucket.open('steps', place.slice('s3://steps/'.length));
        await bucket.remove((await bucket.list('files/'))[0]!.key);
      } else await rm(join(await one.folderOf(identityOf('s')), 'deep/result.txt'));
      const other = await open();
      expect(await other.find(identityOf('s'))).to.deep.equal({
        state: 'missing',
        interrupted: false,
        damaged: 'deep/result.txt',
      });
      await make(other, identityOf('s'), 'anew');
      expect(await textOf(await open(), identityOf('s'))).to.equal('anew');
    });

    it('has one result of one writer where many are at it', async () => {
      const stores = await Promise.all(Array.from({ length: 4 }, open));
      const made = stores.map(async (store, i): Promise<string> => {
        for (;;) {
          const begun = await beginStep(store, identityOf('s'), { owner: String(i), silence: 60 });
          if ('stamp' in begun) return begun.stamp.output as string;
          if (isHeld(begun)) await sleep(20);
          else {
            await write(begun, `by ${i}`);
            return (await finishStep(begun, { output: `by ${i}` }, { seconds: 1 })).output as string;
          }
        }
      });
      const outputs = new Set(await Promise.all(made));
      expect(outputs.size).to.equal(1);
      for (const store of stores) expect(await textOf(store, identityOf('s'))).to.equal([...outputs][0]);
    });
  });
}
