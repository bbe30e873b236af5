import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foregroundFile } from '../models/onnx/support/heads.js';
import { gearnn } from '../cli/support/gearnn.js';
import { levelIs, pageSuite } from './support/browser.js';
import { Served } from './support/served.js';

describe('gearnn demo --onnx', () => {
  const suite = pageSuite();
  let folder: string;
  let served: Served | undefined;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-demo-'));
  });
  after(async () => {
    await served?.end();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes a file through the commands that it shows, to a page that shows what the network answers', async () => {
    served = await Served.run('demo', '--onnx', foregroundFile(), '--quick', '--out', folder, '--port', '0');
    const shown = served.err.split('\n').filter((line) => line.startsWith('$ gearnn'));
    expect(shown.map((line) => line.split(' ')[2])).to.deep.equal(['import', 'adapt', 'serve']);
    const net = join(folder, 'model');
    expect(shown[1]).to.include(`--checkpoint ${net} --data scenes:7@64x96 --level brightness=0.3 --steps 8`);
    const { rows } = JSON.parse(await readFile(join(net, 'adaptors', 'adapt.json'), 'utf8')) as { rows: { level: string }[] }; // prettier-ignore
    expect(rows.map(({ level }) => level)).to.deep.equal(['brightness=0.3']);
    const { page, complaints } = await suite.open({}, served.url);
    const { original, adapted } = await levelIs(page, 'clean');
    expect([original, adapted]).to.deep.equal([100, 100]);
    expect(complaints).to.deep.equal([]);
    expect(await served.end(), served.err).to.equal(0);
  });

  it('names what is wrong with the file, before anything else runs', async () => {
    const file = join(folder, 'damaged.onnx');
    await writeFile(file, 'no network');
    const { code, err } = await gearnn('demo', '--onnx', file, '--out', join(folder, 'none'), '--no-serve');
    expect(code, err).to.equal(1);
    expect(err).to.include('(E_ONNX_FILE)').and.not.to.include('$ gearnn adapt');
  });
});
