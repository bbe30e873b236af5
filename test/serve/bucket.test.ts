import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { Bucket } from '../../src/common/bucket.js';
import { sha256 } from '../../src/common/files.js';
import { BucketMirror } from '../../src/serve/bucket/mirror.js';
import { versionOf } from '../../src/serve/inference.js';
import { startS3, type S3Server } from '../support/s3-server.js';
import { ADAPTORS, DEMO } from './support/served.js';
import { pass, startDouble, stopAll, type TestServer } from './support/server.js';

const FILES = ['adaptor_config.json', 'adaptor.safetensors'] as const;

describe('serve: adaptors in a bucket', () => {
  const variables = { ...process.env };
  let s3: S3Server;
  let way: Way;
  let bucket: Bucket;
  let place: string;
  let count = 0;
  const running: (() => unknown)[] = [];

  before(async function () {
    s3 = await startS3(this);
    running.push(() => s3.stop());
    way = await Way.to(Number(new URL(s3.endpoint).port));
    running.push(() => way.close());
    Object.assign(process.env, s3.environment, { AWS_ENDPOINT_URL: way.url });
  });
  after(async () => {
    process.env = variables;
    for (const stop of running.reverse()) await stop();
  });
  beforeEach(async () => {
    const prefix = `fleet${count++}/a`;
    place = `s3://steps/${prefix}/`;
    bucket = await Bucket.open('steps', prefix);
  });

  /** Files of an adaptor of the demo, with its last byte turned by `turn`. */
  const filesOf = async (level: string, turn = 0): Promise<[name: string, content: Buffer][]> =>
    Promise.all(
      FILES.map(async (name, i) => {
        const content = await readFile(join(ADAPTORS, level, name));
        if (i === 1) content[content.length - 1]! ^= turn;
        return [name, content];
      }),
    );
  const put = async (level: string, turn = 0, names: readonly string[] = FILES): Promise<void> => {
    for (const [name, content] of await filesOf(level, turn))
      if (names.includes(name)) await bucket.put(`${level}/${name}`, content);
  };
  const putSums = async (level: string, turn: number): Promise<void> => {
    const lines = (await filesOf(level, turn)).map(([name, content]) => `${sha256(content)}  ${name}\n`);
    await bucket.put(`${level}/SHA256SUMS`, lines.join(''));
  };

  describe('their mirror', () => {
    let mirror: BucketMirror;
    let told: string[];
    const open = async (): Promise<void> => {
      mirror = await BucketMirror.open(place, DEMO);
      told = [];
      mirror.events = {
        onRefused: (folder, error) => told.push(`${folder} refused: ${error.message}`),
        onMended: (folder) => told.push(`${folder} mended`),
        onReach: (error) => told.push(error ? 'unreached' : 'reached'),
      };
      await mirror.fill();
    };
    afterEach(async () => {
      way.isDown = false;
      await mirror.close();
      expect(existsSync(mirror.folder)).to.equal(false);
    });
    const look = async (times = 2): Promise<void> => {
      for (let i = 0; i < times; i++) await mirror.look();
    };
    const folders = async (): Promise<string[]> => (await readdir(mirror.folder)).sort();
    /** The last byte of an adaptor's tensors here, against the demo's. */
    const turnOf = async (level: string): Promise<number> => {
      const [own, demo] = await Promise.all(
        [mirror.folder, ADAPTORS].map((root) => readFile(join(root, level, FILES[1]))),
      );
      return own!.at(-1)! ^ demo!.at(-1)!;
    };

    it('takes what is whole at the start, and nothing but adaptors and their calibration', async () => {
      await put('jpeg=5');
      await bucket.put('calibration.json', '{}');
      for (const key of [
        'README.md',
        '../out/adaptor_config.json',
        '.DS_Store/adaptor_config.json',
        'a/b/adaptor.safetensors',
        'notes/notes.txt',
      ])
        // prettier-ignore
        await bucket.put(key, 'x');
      await open();
      expect(await folders()).to.deep.equal(['calibration.json', 'jpeg=5']);
      expect((await readdir(join(mirror.folder, 'jpeg=5'))).sort()).to.deep.equal([...FILES].sort());
      expect(told).to.deep.equal([]);
    });

    it('takes one that appears or changes at the second look that finds it so, and lets go one that is gone so', async () => {
      await open();
      await put('jpeg=5');
      await look(1);
      expect(await folders()).to.deep.equal([]);
      await look(1);
      expect(await turnOf('jpeg=5')).to.equal(0);
      await put('jpeg=5', 1);
      await look(1);
      expect(await turnOf('jpeg=5')).to.equal(0);
      await look(1);
      expect(await turnOf('jpeg=5')).to.equal(1);
      await bucket.removeAll('jpeg=5/');
      await look(1);
      expect(await folders()).to.deep.equal(['jpeg=5']);
      await look(1);
      expect(await folders()).to.deep.equal([]);
      expect(told).to.deep.equal([]);
    });

    it('of one that is half there, damaged or of another base the one before stays; it is told once, and mended', async () => {
      await put('jpeg=5');
      await open();
      await bucket.remove(`jpeg=5/${FILES[1]}`);
      await look(4);
      const half = 'jpeg=5 refused: ' + place + 'jpeg=5: expected adaptor.safetensors beside adaptor_config.json';
      expect(told.map((line) => line.slice(0, half.length))).to.deep.equal([half]);
      expect(mirror.broken).to.deep.equal(['jpeg=5']);
      const [, [, tensors]] = (await filesOf('jpeg=5')) as [unknown, [string, Buffer]];
      await bucket.put(`jpeg=5/${FILES[1]}`, tensors.subarray(0, 1000));
      await look(4);
      expect(told).to.have.length(2);
      const [[, config]] = (await filesOf('jpeg=5')) as [[string, Buffer]];
      const other = config.toString().replace(/"base": "[0-9a-f]{8}/, '"base": "00000000');
      expect(other).to.not.equal(config.toString());
      await bucket.put(`jpeg=5/${FILES[0]}`, other);
      await put('jpeg=5', 1, [FILES[1]]);
      await look(4);
      expect(told[2]).to.contain('an adaptor of the base that is served');
      expect(told).to.have.length(3);
      expect(await turnOf('jpeg=5')).to.equal(0);
      await put('jpeg=5', 1);
      await look();
      expect(await turnOf('jpeg=5')).to.equal(1);
      expect([told[3], mirror.broken]).to.deep.equal(['jpeg=5 mended', []]);
    });

    it('with SHA256SUMS one is taken at once when the sums hold, and never before, however long an upload takes', async () => {
      await open();
      await put('jpeg=5');
      await putSums('jpeg=5', 0);
      await look(1);
      expect(await turnOf('jpeg=5')).to.equal(0);
      // The new sums with the old tensors: whole by all that a server could else see.
      await putSums('jpeg=5', 1);
      await look(3);
      expect(told.map((line) => line.replace(/: .*/, ''))).to.deep.equal(['jpeg=5 refused']);
      expect(told[0]).to.contain('adaptor.safetensors with the SHA-256');
      expect(await turnOf('jpeg=5')).to.equal(0);
      await put('jpeg=5', 1);
      await look(1);
      expect(await turnOf('jpeg=5')).to.equal(1);
      for (const text of ['no sums\n', '']) {
        await bucket.put('jpeg=5/SHA256SUMS', text);
        await look(2);
      }
      expect(told.slice(2).map((line) => line.replace(/.*got /, ''))).to.have.length(2);
      expect(await turnOf('jpeg=5')).to.equal(1);
    });

    it('while the network is down all stays, which is told once; then it goes on', async () => {
      await put('jpeg=5');
      await open();
      await put('jpeg=5', 1);
      way.isDown = true;
      await look(2);
      expect([told, mirror.isReached]).to.deep.equal([['unreached'], false]);
      expect(await turnOf('jpeg=5')).to.equal(0);
      way.isDown = false;
      await look(2);
      expect([told, mirror.isReached]).to.deep.equal([['unreached', 'reached'], true]);
      expect(await turnOf('jpeg=5')).to.equal(1);
    });
  });

  describe('and a server', () => {
    let server: TestServer;
    let log: string;
    const start = async (watch: boolean): Promise<void> => {
      log = '';
      const logger = pino({ level: 'info' }, { write: (line: string) => void (log += line) });
      server = await startDouble({ adaptors: place, watch, logger });
    };
    afterEach(async () => {
      way.isDown = false;
      await stopAll();
    });
    const metrics = async (): Promise<string> => (await server.get('/metrics')).text();
    const answered = async (level: string): Promise<string> => {
      const response = await server.infer(1, { level });
      return ((await response.json()) as { parameters: { version: string } }).parameters.version;
    };
    const within = async (seconds: number, what: () => Promise<boolean>): Promise<void> => {
      for (const end = Date.now() + 1000 * seconds; !(await what()); await pass(50))
        if (Date.now() > end) throw new Error(`not within ${seconds} s: ${log}`);
    };
    const demo = async (level: string): Promise<string> => versionOf((await loadAdaptor(join(ADAPTORS, level))).hash);

    it('with --watch a new adaptor answers within five seconds; a wrong one, or no network, changes nothing and is counted', async () => {
      await put('jpeg=5');
      await start(true);
      expect(await answered('jpeg=5')).to.equal(await demo('jpeg=5'));
      await put('jpeg=10');
      await putSums('jpeg=10', 0);
      const version = await demo('jpeg=10');
      await within(5, async () => (await answered('jpeg=10')) === version);
      await bucket.put(`jpeg=5/${FILES[1]}`, 'x');
      await within(15, async () => (await metrics()).includes('gearnn_broken{model="demo:jpeg=5"} 1'));
      expect(await metrics()).to.contain('gearnn_adaptor_changes_total{model="demo:jpeg=5",change="refused"} 1');
      expect(log.match(/"model":"demo:jpeg=5".*cannot be loaded/g)).to.have.length(1);
      expect(await metrics()).to.contain('gearnn_bucket_reached 1');
      way.isDown = true;
      await within(30, async () => (await metrics()).includes('gearnn_bucket_reached 0'));
      expect(log.match(/adaptors stay as they were/g)).to.have.length(1);
      expect(await answered('jpeg=5')).to.equal(await demo('jpeg=5'));
    });

    it('without --watch it has what was there at the start; it does not start where the bucket cannot be read', async () => {
      await put('jpeg=5');
      await start(false);
      await put('jpeg=10');
      await pass(2500);
      expect(await answered('jpeg=10')).to.equal(await demo('jpeg=5'));
      await stopAll();
      place = 's3://no-such-bucket/x';
      const error = await start(false).catch((reason: Error) => reason);
      expect(error).to.have.property('code', 'E_PIPELINE_STORE');
      expect((error as Error).message).to.contain('NoSuchBucket');
    });
  });
});

/** A port that leads to another one while it is not down. */
class Way {
  isDown = false;
  private readonly open = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Way> {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      if (way.isDown) return socket.destroy();
      const other = connect(port, '127.0.0.1');
      for (const [one, two] of [
        [socket, other],
        [other, socket],
      ] as const) {
        // prettier-ignore
        way.open.add(one);
        one.on('data', (piece) => (way.isDown ? one.destroy() : two.write(piece)));
        one.on('close', () => (way.open.delete(one), two.destroy()));
        one.on('error', () => one.destroy());
      }
    });
    const way = new Way(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return way;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    for (const socket of this.open) socket.destroy();
  }
}
