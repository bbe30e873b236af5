import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GearnnError } from '../../../src/common/errors.js';
import { settle } from '../../../src/common/outcome.js';
import { importOnnx, loadOnnx, runOnnx } from '../../../src/models/onnx/index.js';
import { onEngines } from '../../support/engines.js';
import { brokenBytes } from './support/hostile/bytes.js';
import { INPUT, writeCase, type HostileCase } from './support/hostile/case.js';
import { oddFiles, otherFiles } from './support/hostile/files.js';
import { brokenGraphs } from './support/hostile/graphs.js';
import { brokenNodes } from './support/hostile/nodes.js';
import { brokenTensors } from './support/hostile/tensors.js';

const CASES = [
  ...brokenBytes(),
  ...brokenGraphs(),
  ...brokenTensors(),
  ...brokenNodes(),
  ...otherFiles(),
  ...oddFiles(),
];
/** Most that the process may grow by on one file, and in all. */
const MOST_BYTES = 300e6;
/** Processor time of one file, of all threads. */
const MOST_SECONDS = 2;

/** Runs something in a folder of its own that is gone afterwards. */
async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'gearnn-hostile-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A refusal has a code that fits and names the file. */
function checkRefusal(error: unknown, path: string, codes?: readonly string[]): void {
  if (!(error instanceof GearnnError)) throw error;
  expect(error.message).to.contain(path);
  if (codes) expect(error.code, error.message).to.be.oneOf(codes);
}

async function checkRun({ first, codes, says, mayRun }: HostileCase, path: string): Promise<void> {
  const input = tf.ones(INPUT);
  const result = await settle(() => runOnnx(path, { x: input }));
  input.dispose();
  if (result instanceof Error) {
    checkRefusal(result, path, codes ?? []);
    if (says) expect(result.message).to.match(says);
    return;
  }
  const values = Object.values(result).map((tensor) => tensor.dataSync());
  tf.dispose(result);
  expect(codes === undefined || mayRun, `it ran: ${values.map((one) => one.slice(0, 4)).join()}`).to.equal(true);
  if (first !== undefined && values[0]![0] !== first) expect(values[0]![0]).to.be.closeTo(first, 1e-5);
}

async function check(one: HostileCase): Promise<void> {
  await inFolder(async (folder) => {
    const path = writeCase(one, folder);
    const before = readdirSync(folder, { recursive: true });
    const [memory, time] = [process.memoryUsage.rss(), process.cpuUsage()];
    const network = await settle(() => loadOnnx(path));
    if (network instanceof Error) checkRefusal(network, path);
    else network.dispose();
    await checkRun(one, path);
    const { user, system } = process.cpuUsage(time);
    expect(process.memoryUsage.rss() - memory, 'bytes').to.be.below(MOST_BYTES);
    expect((user + system) / 1e6, 'seconds').to.be.below(MOST_SECONDS);
    expect(readdirSync(folder, { recursive: true })).to.deep.equal(before);
  });
}

onEngines(
  'models/onnx: damaged, hostile and odd files',
  () => {
    let start = 0;
    before(() => {
      start = process.memoryUsage.rss();
    });

    it('are at least 300', () => {
      expect(CASES).to.have.length.above(300);
    });

    for (const kind of new Set(CASES.map((one) => one.kind)))
      it(`${kind}: each is refused by name, or answers right, in little memory and time`, async () => {
        const wrong: string[] = [];
        for (const one of CASES.filter((other) => other.kind === kind)) {
          const result = await settle(() => check(one));
          if (result instanceof Error) wrong.push(`${one.name}: ${result.name} ${result.message}`);
        }
        expect(wrong, wrong.join('\n')).to.deep.equal([]);
      });

    it('an import that fails writes nothing', async () => {
      const failing = CASES.filter(({ codes, mayRun }) => codes && !mayRun);
      let refused = 0;
      for (let i = 0; i < failing.length; i += Math.floor(failing.length / 20))
        await inFolder(async (folder) => {
          const file = writeCase(failing[i]!, folder);
          const out = join(folder, 'out');
          const result = await settle(() => importOnnx({ file, out }));
          if (!(result instanceof Error)) return;
          refused++;
          checkRefusal(result, file);
          expect(existsSync(out), failing[i]!.name).to.equal(false);
        });
      expect(refused).to.be.at.least(10);
    });

    it('leave no memory behind', () => {
      expect(process.memoryUsage.rss() - start).to.be.below(2 * MOST_BYTES);
    });
  },
  ['cpu', 'wasm', 'tensorflow'],
);
