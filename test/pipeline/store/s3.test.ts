import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '../../../src/pipeline/store/open-store.js';
import { Bucket } from '../../../src/common/bucket.js';
import { download, upload } from '../../../src/common/bucket-files.js';
import { programOf } from '../../support/programs.js';
import { workFolder } from '../support/fake-steps.js';
import { startObjects, type ObjectServer } from './support/object-server.js';
import { startS3, type S3Server } from '../../support/s3-server.js';

const MIB = 2 ** 20;

describe('pipeline: a bucket', () => {
  const before_ = { ...process.env };
  let folder: string;
  beforeEach(() => {
    folder = workFolder();
  });
  afterEach(async () => {
    process.env = { ...before_ };
    await rm(folder, { recursive: true, force: true });
  });

  describe('and what a killed writer left on its machine', () => {
    let server: S3Server | undefined;
    before(async function () {
      server = await startS3(this);
    });
    after(() => server?.stop());

    it('is removed by the next one; what a living writer has stays, and what nobody knows about for a week', async () => {
      Object.assign(process.env, server!.environment);
      const program = programOf('./support/writes-until-killed', import.meta.url);
      const killed = spawn(process.execPath, [...program, 's3://steps/killed', folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(killed.stdout, 'data');
      const own = join(folder, 'own');
      const identity = (id: string) => ({ id, kind: 'fake', version: 1, settings: id, inputs: {} });
      const owner = { owner: 'me', silence: 60 };
      const [left] = await readdir(own);
      const first = await openStore('s3://steps/killed', folder);
      const living = await first.begin(identity('living'), owner);
      expect(await readdir(own)).to.include(left);
      const closed = once(killed, 'close');
      killed.kill('SIGKILL');
      await closed;
      for (const [name, days] of Object.entries({ 'of-elsewhere.1': 6, 'of-elsewhere.2': 8 })) {
        await mkdir(join(own, name));
        const then = Date.now() / 1000 - days * 86_400;
        await utimes(join(own, name), then, then);
      }
      const other = await (await openStore('s3://steps/killed', folder)).begin(identity('other'), owner);
      if (!('folder' in living && 'folder' in other)) throw new Error('held');
      const names = [living, other].map((writer) => writer.folder.slice(own.length + 1));
      expect(await readdir(own)).to.have.members([...names, 'of-elsewhere.1']);
      await Promise.all([living.discard(), other.discard()]);
      expect(await readdir(own)).to.deep.equal(['of-elsewhere.1']);
    });
  });

  describe('and large files', () => {
    let objects: ObjectServer;
    let bucket: Bucket;
    beforeEach(async () => {
      objects = await startObjects();
      Object.assign(process.env, objects.environment);
      bucket = await Bucket.open('steps', 'p');
    });
    afterEach(() => objects.stop());

    /** The most that buffers held beyond what they did before. */
    const mostHeld = async (act: () => Promise<unknown>): Promise<number> => {
      const held = (): number => process.memoryUsage().arrayBuffers;
      const before = held();
      let most = 0;
      objects.onPiece = () => (most = Math.max(most, held() - before));
      await act();
      return most;
    };

    it('are sent and brought piece by piece, as large as they are', async () => {
      const size = 256 * MIB;
      await (await open(join(folder, 'large'), 'w')).close();
      await truncate(join(folder, 'large'), size);
      await writeFile(join(folder, 'empty'), '');
      const sent = await mostHeld(() => upload(bucket, folder, { large: size, empty: 0 }, 'files/'));
      expect(Object.fromEntries(objects.received)).to.deep.equal({ 'p/files/large': size, 'p/files/empty': 0 });
      const brought = await mostHeld(() => download(bucket, 'files/', { [size]: size }, folder));
      expect((await stat(join(folder, String(size)))).size).to.equal(size);
      expect(Math.max(sent, brought)).to.be.below(size / 2);
    });

    it('are sent and brought again where the connection breaks', async () => {
      await writeFile(join(folder, 'file'), Buffer.alloc(MIB));
      objects.toBreak = 1;
      await upload(bucket, folder, { file: MIB }, '');
      expect(objects.received.get('p/file')).to.equal(MIB);
      objects.toBreak = 1;
      expect(await download(bucket, '', { [MIB]: MIB }, folder)).to.equal(undefined);
      expect((await stat(join(folder, String(MIB)))).size).to.equal(MIB);
    });

    it('that are gone or of another size are told by name', async () => {
      expect(await download(bucket, '', { 5: 5, 6: 7 }, folder)).to.equal('6');
      expect(await download(bucket, '', { gone: 7 }, folder)).to.equal('gone');
    });

    it('that become shorter meanwhile are an error, never a request that waits for the rest', async () => {
      await writeFile(join(folder, 'file'), 'short');
      const error = await bucket.putFile('file', join(folder, 'file'), MIB).catch((reason: Error) => reason);
      expect(error).to.have.property('code', 'E_PIPELINE_STORE');
      expect((error as Error).message).to.contain('has become shorter');
    });
  });
});
