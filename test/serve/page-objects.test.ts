import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rleFromPolygons } from '../../src/detect/polygon.js';
import { rleFromText } from '../../src/detect/rle-text.js';
import { decodeMask } from '../../src/detect/rle.js';
import { startEngine } from '../../src/engine/start.js';
import type { FoundBox } from '../../src/serve/answer.js';
import type { Server } from '../../src/serve/server.js';
import { writeFreshDetector } from '../support/detector.js';
import { levelIs, pageSuite } from './support/browser.js';

type Outlined = Omit<FoundBox, 'segmentation'> & { segmentation: number[][] };

describe('serve: objects with masks', () => {
  const suite = pageSuite();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-objects-'));
    await startEngine({ engine: 'cpu' });
    await writeFreshDetector(join(folder, 'objects'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const serve = (): Promise<Server> => suite.serve({ checkpoint: join(folder, 'objects'), adaptors: undefined });
  const post = async (url: string, body: ArrayBuffer | string): Promise<Record<string, unknown>> => {
    const answer = await fetch(url, { method: 'POST', body });
    expect(answer.status).to.equal(200);
    return (await answer.json()) as Record<string, unknown>;
  };

  it('are answered as run lengths or outlines, which are the same masks but for holes, and as named outputs', async () => {
    const { url } = await serve();
    const sample = await (await fetch(`${url}/samples/0.png`)).arrayBuffer();
    const { boxes, width, height } = (await post(`${url}/v1/predict?level=clean`, sample)) as unknown as { boxes: FoundBox[]; width: number; height: number }; // prettier-ignore
    const answer = await post(`${url}/v1/predict?level=clean&masks=polygons`, sample);
    const outlined = answer['boxes'] as Outlined[];
    expect(outlined.map(({ box, label, score }) => ({ box, label, score }))).to.deep.equal(
      boxes.map(({ box, label, score }) => ({ box, label, score })),
    );
    const size = { width, height };
    let inside = 0;
    boxes.forEach(({ segmentation }, i) => {
      const mask = decodeMask(rleFromText(segmentation!.counts, size, 'mask'));
      const { segmentation: polygons } = outlined[i]!;
      expect(polygons.length > 0, `${i}`).to.equal(mask.includes(1));
      if (polygons.length === 0) return;
      const again = decodeMask(rleFromPolygons(polygons, size, 'mask'));
      inside += mask.filter((value) => value === 1).length;
      expect(
        mask.every((value, pixel) => value <= again[pixel]!),
        `${i}`,
      ).to.equal(true);
    });
    expect(inside).to.be.above(100);

    const inputs = [{ name: 'image', datatype: 'BYTES', shape: [1], parameters: { content_type: 'base64' }, data: [Buffer.from(sample).toString('base64')] }]; // prettier-ignore
    const inferred = await post(
      `${url}/v2/models/objects/infer`,
      JSON.stringify({ inputs, parameters: { level: 'clean' } }),
    );
    const outputs = inferred['outputs'] as { name: string; shape: number[] }[];
    expect(outputs.map(({ name }) => name)).to.deep.equal(['boxes', 'labels', 'scores', 'masks']);
    expect(outputs[0]!.shape).to.deep.equal([1, boxes.length, 4]);
    const wrong = await fetch(`${url}/v1/predict?masks=circles`, { method: 'POST', body: sample });
    expect(wrong.status).to.equal(400);
  });

  it('lie on the page over the picture, mask and box', async () => {
    const { url } = await serve();
    const { page, complaints } = await suite.open({}, 'about:blank');
    let shown: Outlined | undefined;
    // One object, so that what is drawn is known.
    await page.route('**/v1/predict?*', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { boxes: Outlined[] };
      shown = answer.boxes[0];
      await route.fulfill({ response, json: { ...answer, boxes: answer.boxes.slice(0, 1) } });
    });
    await page.goto(url);
    const clean = await levelIs(page, 'clean');
    expect([clean.original, clean.adapted]).to.deep.equal([100, 100]);
    expect(await page.locator('#original-note').textContent()).to.equal('1 of 1 boxes');
    const [changed, pixels] = await page.evaluate(() => {
      const [plain, drawn] = ['sent', 'original'].map((id) => {
        const canvas = document.querySelector<HTMLCanvasElement>(`#${id}`)!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return { width: canvas.width, height: canvas.height, data };
      }) as [ImageData, ImageData];
      const differ: number[] = [];
      for (let i = 0; i < drawn.width * drawn.height; i++)
        if ([0, 1, 2].some((c) => plain.data[4 * i + c] !== drawn.data[4 * i + c])) differ.push(i);
      return [differ, { width: drawn.width, height: drawn.height }] as const;
    });
    const mask = decodeMask(rleFromPolygons(shown!.segmentation, pixels, 'mask'));
    const inside = [...mask.keys()].filter((pixel) => mask[pixel] === 1);
    const seen = new Set(changed);
    expect(inside.length).to.be.above(20);
    expect(inside.filter((pixel) => seen.has(pixel)).length / inside.length).to.be.above(0.95);
    expect(complaints.filter((text) => !text.includes('willReadFrequently'))).to.deep.equal([]);
  });
});
