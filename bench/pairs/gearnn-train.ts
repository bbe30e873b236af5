/** A network of gearnn's, one training step for each line on stdin: THREADS fp32|bf16 NAME CLASSES BATCH HEIGHT WIDTH */
import { startEngine, type Precision } from '../../src/engine/index.js';
import { prepareTraining } from '../../src/train/timing.js';
import '../../src/ops/index.js';
import { answerLines } from './answer-lines.js';

const [threads, precision, name, ...numbers] = process.argv.slice(2) as [string, Precision, string, ...string[]];
const [classes, batch, height, width] = numbers.map(Number) as [number, number, number, number];
const engine = await startEngine({ engine: 'tensorflow', threads: Number(threads), precision });
const step = prepareTraining({ network: { name, classes, width: 1 }, size: [height, width], batch });
await answerLines(engine.version, () => step.run(), () => null); // prettier-ignore
