import { expect } from 'chai';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAdaptor, saveAdaptor } from '../../src/adaptor/file.js';
import { encodePng } from '../../src/image/encode.js';
import { clientOf, pass, type TestServer } from './support/server.js';
import { ADAPTORS, Served } from './support/served.js';

describe('serve --watch: a new version under load', () => {
  let folder: string;
  let adaptors: string;
  let served: Served;
  let client: Pick<TestServer, 'get' | 'post'>;
  let image: Uint8Array;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-rollout-'));
    adaptors = join(folder, 'adaptors');
    await cp(join(ADAPTORS, 'jpeg=10'), join(adaptors, 'jpeg=10'), { recursive: true });
    // The same adaptor with its last tensor turned round.
    const { config, state } = await loadAdaptor(join(adaptors, 'jpeg=10'));
    const [name, { shape, data }] = [...state].at(-1)!;
    const turned = { shape, data: data.map((value) => -20 * value) };
    await saveAdaptor(join(folder, 'new'), config, new Map([...state, [name, turned]]));
    const data3 = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 251);
    image = await encodePng({ data: data3, width: 64, height: 64, channels: 3 });
    served = await Served.start('--adaptors', adaptors, '--watch');
    client = clientOf(served.url);
  });
  after(async () => {
    await served.end();
    await rm(folder, { recursive: true });
  });

  const ask = async (level = 'jpeg=10'): Promise<{ level: string; version: string; mask: string }> => {
    const response = await client.post(`/v1/segment?level=${level}`, image);
    expect(response.status).to.equal(200);
    const header = (name: string): string => response.headers.get(`x-gearnn-${name}`)!;
    const mask = Buffer.from(await response.arrayBuffer()).toString('base64');
    return { level: header('level'), version: header('version'), mask };
  };
  const metric = async (line: string): Promise<boolean> =>
    (await (await client.get('/metrics')).text()).split('\n').includes(line);
  /** Waits for something, no longer than a change may take. */
  const within = async (seconds: number, what: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + seconds * 1000; !(await what()); await pass(50))
      if (Date.now() > end) throw new Error(`not within ${seconds} s`);
  };

  it('each answer is of the one version or of the other, and says of which', async () => {
    const first = await ask();
    const masks = new Map<string, Set<string>>();
    let isDone = false;
    const load = async (): Promise<void> => {
      while (!isDone) {
        const { version, mask } = await ask();
        masks.set(version, (masks.get(version) ?? new Set()).add(mask));
      }
    };
    const clients = [load(), load(), load()];
    // In place, one file after the other, as a plain copy does.
    for (const name of ['adaptor_config.json', 'adaptor.safetensors'])
      await writeFile(join(adaptors, 'jpeg=10', name), await readFile(join(folder, 'new', name)));
    await within(5, async () => masks.size === 2);
    isDone = true;
    await Promise.all(clients);
    const second = await ask();
    expect(second.version).to.not.equal(first.version);
    expect([...masks].map(([version, seen]) => [version, [...seen]])).to.deep.equal([
      [first.version, [first.mask]],
      [second.version, [second.mask]],
    ]);
    expect(first.mask).to.not.equal(second.mask);
    expect(await metric(`gearnn_version{model="demo:jpeg=10",version="${second.version}"} 1`)).to.equal(true);
  });

  it('one that appears answers within five seconds, and one that is half there changes nothing', async () => {
    expect((await ask('jpeg=5')).level).to.equal('jpeg=10');
    await cp(join(ADAPTORS, 'jpeg=5'), join(adaptors, 'jpeg=5'), { recursive: true });
    await within(5, async () => (await ask('jpeg=5')).level === 'jpeg=5');
    const whole = await ask('jpeg=5');
    const path = join(adaptors, 'jpeg=5/adaptor.safetensors');
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    await within(5, () => metric('gearnn_broken{model="demo:jpeg=5"} 1'));
    expect(await metric('gearnn_adaptor_changes_total{model="demo:jpeg=5",change="refused"} 1')).to.equal(true);
    expect(served.logged('cannot be loaded').map(({ model }) => model)).to.deep.equal(['demo:jpeg=5']);
    expect(await ask('jpeg=5')).to.deep.equal(whole);
    await rm(join(adaptors, 'jpeg=5'), { recursive: true });
    await within(5, async () => (await ask('jpeg=5')).level === 'jpeg=10');
  });
});
