import { expect } from 'chai';
import { createPredictor, type Predictor } from '../../src/eval/predictor.js';
import { loadOnnx, type OnnxOptions } from '../../src/models/onnx/index.js';
import type { Foreground } from '../../src/tasks/foreground/metric.js';
import { foregroundTask } from '../../src/tasks/index.js';
import type { Task } from '../../src/tasks/task.js';
import { floats, modelFile } from '../models/onnx/support/build.js';
import { onTensorflow } from '../support/engines.js';

const [HEIGHT, WIDTH] = [70, 90];
const FRAMES = { images: Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => (i * 53) % 256), batch: 1, height: HEIGHT, width: WIDTH }; // prettier-ignore

/** A network that answers each pixel by its colour alone. */
function pointFile(height: number | string, width: number | string): string {
  return modelFile({
    inputs: { x: ['n', 3, height, width] },
    initializers: [floats('w', [1, 3, 1, 1], [1, -2, 1.5]), floats('b', [1], [0.2])],
    nodes: [
      { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['a'] },
      { op: 'Sigmoid', inputs: ['a'] },
    ],
  });
}

onTensorflow('eval: foreground of large frames', () => {
  const task = foregroundTask(255) as Task<unknown, Foreground>;
  const tile = { height: 32, width: 32, overlap: 16 };

  async function answers(file: string, options: Parameters<typeof createPredictor>[2], use: OnnxOptions = {}) {
    const network = await loadOnnx(file, { task: 'foreground', ...use });
    let predictor: Predictor<Foreground> | undefined;
    try {
      predictor = createPredictor(network, task, options);
      let runs = 0;
      const running = predictor.predictInRuns(FRAMES);
      for (;;) {
        runs++;
        const { done, value } = running.next();
        if (done) return { runs, answer: value[0]! };
      }
    } finally {
      predictor?.dispose();
      network.dispose();
    }
  }

  it('comes in tiles, and is what the frame answered whole is', async () => {
    const whole = await answers(pointFile('h', 'w'), { tile: 'none' });
    const tiled = await answers(pointFile('h', 'w'), { tile });
    expect(whole.runs).to.equal(1);
    expect(tiled.runs).to.be.above(10);
    expect(tiled.answer).to.include({ width: WIDTH, height: HEIGHT });
    const range = new Set(whole.answer.probabilities);
    expect(range.size).to.be.above(100);
    whole.answer.probabilities.forEach((value, i) => expect(tiled.answer.probabilities[i]).to.be.closeTo(value, 1e-5));
  });

  it('of a network that brings every picture to its size is never cut, and tiles are refused', async () => {
    const { runs, answer } = await answers(pointFile(16, 24), { tile: 'auto' });
    expect([runs, answer.width, answer.height]).to.deep.equal([1, WIDTH, HEIGHT]);
    const refused = await answers(pointFile(16, 24), { tile }).catch((error: Error) => error);
    expect(refused).to.include({ code: 'E_USAGE' });
    expect(String(refused)).to.include('24x16');
  });
});
