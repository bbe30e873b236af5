import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Random } from '../../src/common/random.js';
import { evaluateLevels, type LevelRow } from '../../src/eval/levels.js';
import { createPredictor } from '../../src/eval/predictor.js';
import { encodePng } from '../../src/image/encode.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import type { Collated } from '../../src/tasks/arrays.js';
import { taskOf } from '../../src/tasks/registry.js';
import { detectorFile } from '../models/onnx/support/heads.js';
import { importAdapted, LEVEL } from '../serve/support/imported.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { GEARNN } from '../support/programs.js';

const SIZE = { width: 96, height: 64 };
const NAMES = ['cat', 'dog'];
const PICTURES = 3;

function picture(seed: number): Uint8Array {
  const random = Random.of(seed, 'pictures');
  const blocks = Array.from({ length: 12 * 8 * 3 }, () => Math.floor(256 * random.next()));
  return Uint8Array.from(
    { length: SIZE.width * SIZE.height * 3 },
    (_, i) => blocks[(Math.floor(i / 3 / 96 / 8) * 12 + Math.floor(((i / 3) % 96) / 8)) * 3 + (i % 3)]!,
  );
}

onTensorflow("eval: a known detector's boxes", () => {
  let folder: string;
  let checkpoint: string;

  /** Labels that are what the base finds, as a list of the task `detection`. */
  async function labelled(name: string, classes: readonly string[], side = 1): Promise<string> {
    const base = await loadCheckpoint(checkpoint);
    const network = networkOf(base);
    const predictor = createPredictor(network, taskOf(base.config), { changing: new Set() });
    const lines: string[] = [];
    for (let i = 0; i < PICTURES; i++) {
      const [outputs] = predictor.predict({ images: picture(i), batch: 1, ...SIZE }) as Collated[];
      const { boxes, classes: ids } = network.detect!(outputs!, SIZE);
      const objects = [...ids].map((id, n) => {
        const [left, top, right, bottom] = boxes.subarray(4 * n, 4 * n + 4) as unknown as [number, number, number, number]; // prettier-ignore
        return { class: NAMES[id], bbox: [left, top, side * (right - left), bottom - top] };
      });
      expect(objects).not.to.have.length(0);
      lines.push(`${i}.png\t${JSON.stringify({ objects: objects.filter((one) => classes.includes(one.class!)) })}\n`);
    }
    predictor.dispose();
    network.dispose();
    const colours = classes.map((one, id) => ({ name: one, color: [id, 2, 3] }));
    await writeFile(join(folder, `${name}.txt`), lines.join(''));
    await writeFile(join(folder, 'dataset.json'), JSON.stringify({ task: 'detection', classes: colours, splits: { val: `${name}.txt` } })); // prettier-ignore
    return `list:${folder}`;
  }

  const score = (data: string, levels = ['clean']): Promise<LevelRow[]> =>
    evaluateLevels({ checkpoint, adaptors: join(checkpoint, 'adaptors'), data, split: 'val', levels });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-boxes-'));
    checkpoint = join(folder, 'net');
    await importAdapted(detectorFile(), checkpoint, { head: 'yolov8', fit: 'letterbox', classes: NAMES });
    for (let i = 0; i < PICTURES; i++)
      await writeFile(join(folder, `${i}.png`), await encodePng({ ...SIZE, data: picture(i), channels: 3 }));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('have an average precision of 1 where all that it is sure of is labelled, and less where the labels are others', async () => {
    const [row] = await score(await labelled('same', NAMES));
    expect(row!.primary).to.equal('bbox.AP');
    expect(row!.scores['bbox.AP']).to.equal(1);
    expect([...row!.classScores['boxAP']!]).to.deep.equal([1, 1]);
    // 0.8 of each box's width: what the network finds overlaps by 0.8.
    const [narrow] = await score(await labelled('narrow', NAMES, 0.8));
    expect(narrow!.scores['bbox.AP75']).to.be.above(0.99);
    expect(narrow!.scores['bbox.AP']).to.be.within(0.5, 0.75);
  });

  it('are those of the classes of the same names', async () => {
    const [turned] = await score(await labelled('turned', ['dog', 'cat']));
    expect(turned!.scores['bbox.AP']).to.equal(1);
    const [some] = await score(await labelled('some', ['dog']));
    expect(some!.scores['bbox.AP']).to.equal(1);
    await expectFailure(labelled('others', ['dog', 'cat', 'cow']).then(score), 'E_EVAL_CLASSES', '2 classes', '3');
  });

  it('are scored at each level, of the base and of its adaptor', async () => {
    const rows = await score(await labelled('same', NAMES), ['clean', LEVEL]);
    expect(rows.map(({ level, method }) => `${level} ${method}`)).to.deep.equal([
      'clean original',
      `${LEVEL} original`,
      `${LEVEL} adaptor`,
    ]);
    const [clean, base, adapted] = rows.map(({ scores }) => scores['bbox.AP']!);
    expect(clean).to.equal(1);
    expect(base).to.be.within(0.01, 0.99);
    expect(adapted).to.be.below(1).and.not.equal(base);
  });

  it('are scored by the command', async () => {
    const data = await labelled('turned', ['dog', 'cat']);
    const call = [...GEARNN, 'eval', '--checkpoint', checkpoint, '--data', data, '--level', 'clean', '--json'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, call);
    expect(JSON.parse(stdout).rows[0].scores.bbox.AP).to.equal(1);
    expect(stderr).not.to.include('warning');
  });

  it("are compared with the base's own clean ones by F1 as before where labels are not asked for", async () => {
    const data = await labelled('same', NAMES);
    const [row] = await evaluateLevels({ checkpoint, data, split: 'val', levels: ['clean'], agreement: true });
    expect(row!.primary).to.equal('f1');
    expect(row!.scores['f1']).to.equal(1);
  });
});
