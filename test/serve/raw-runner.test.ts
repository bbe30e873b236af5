import { expect } from 'chai';
import { unzipSync } from 'fflate';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeNpy } from '../../src/common/npy.js';
import { RawRunner, type RawRunnerOptions } from '../../src/serve/raw-runner.js';
import { modelFile, TYPES } from '../models/onnx/support/build.js';
import { tinyParts } from '../models/onnx/support/tiny.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { importAdapted, LEVEL } from './support/imported.js';

onTensorflow('serve: all outputs as they are', () => {
  let folder: string;
  let checkpoint: string;
  const at = (name: string): string => join(folder, name);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-raw-'));
    checkpoint = at('net');
    const parts = tinyParts(3);
    const file = modelFile({
      ...parts,
      outputs: ['answer', 'best', 'sure', 'short'],
      nodes: [
        ...parts.nodes,
        { op: 'ArgMax', inputs: ['answer'], outputs: ['best'], attributes: { axis: 1, keepdims: 0 } },
        { op: 'Greater', inputs: ['answer', 'shift'], outputs: ['sure'] },
        { op: 'Cast', inputs: ['best'], outputs: ['short'], attributes: { to: TYPES.int32 } },
      ],
      initializers: [...parts.initializers!, { name: 'shift', dims: [], dataType: TYPES.float, floatData: [0] }],
    });
    await importAdapted(file, checkpoint, { task: 'features', compare: ['answer'] });
    const photo = sharp(Buffer.from(Array.from({ length: 48 * 32 * 3 }, (_, i) => (i * 31) % 256)), {
      raw: { width: 48, height: 32, channels: 3 },
    });
    await photo.clone().png().toFile(at('clean.png'));
    await photo.jpeg({ quality: 5 }).toFile(at('coarse.jpg'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const answers = async (options: Partial<RawRunnerOptions>, ...pictures: string[]) => {
    const runner = await RawRunner.load({ checkpoint, ...options });
    try {
      const all = [];
      for (const picture of pictures) {
        const { level, names, bytes } = await runner.answer(at(picture));
        all.push({ level, names, files: unzipSync(bytes) });
      }
      return all;
    } finally {
      runner.dispose();
    }
  };
  const values = ({ files }: { files: Record<string, Uint8Array> }) => decodeNpy(files['answer.npy']!)!.data;

  it("have the file's names and types: floats, int64, int32 and truth values", async () => {
    const [one] = await answers({}, 'clean.png');
    expect(one!.names).to.deep.equal(['answer', 'best', 'sure', 'short']);
    const header = (name: string): string => Buffer.from(one!.files[`${name}.npy`]!).toString('latin1', 10, 80);
    expect(header('answer')).to.include("'<f4'").and.to.include('(1, 3, 16, 24)');
    expect(header('best')).to.include("'<i8'").and.to.include('(1, 16, 24)');
    expect(header('sure')).to.include("'|b1'");
    expect(header('short')).to.include("'<i4'");
    // The classes are those that the numbers say.
    const answer = values(one!);
    const best = new BigInt64Array(one!.files['best.npy']!.slice(-8 * 384).buffer);
    best.forEach((id, i) => {
      const sums = [0, 1, 2].map((c) => answer[c * 384 + i]!);
      expect(Number(id)).to.equal(sums.indexOf(Math.max(...sums)));
    });
  });

  it("are the base's, of a stated level its adaptor's, and with auto those of each picture's own level", async () => {
    const base = await answers({}, 'clean.png', 'coarse.jpg');
    const stated = await answers({ level: 'jpeg=6' }, 'clean.png', 'coarse.jpg');
    const own = await answers({ level: 'auto' }, 'clean.png', 'coarse.jpg');
    expect(base.map(({ level }) => level)).to.deep.equal(['clean', 'clean']);
    expect(stated.map(({ level }) => level)).to.deep.equal([LEVEL, LEVEL]);
    expect(own.map(({ level }) => level)).to.deep.equal(['clean', LEVEL]);
    expect(values(own[0]!)).to.deep.equal(values(base[0]!));
    expect(values(own[1]!)).to.deep.equal(values(stated[1]!)).and.to.not.deep.equal(values(base[1]!));
  });

  it('refuse a level that no adaptor is near', async () => {
    await expectFailure(answers({ level: 'resolution=24x16' }, 'clean.png'), 'E_ADAPTOR_LEVEL');
    await expectFailure(answers({ level: 'auto', adaptors: at('nowhere') }, 'clean.png'), 'E_ADAPTOR');
  });
});
