// What a project that has installed gearnn does for one image; run by pack.test.ts inside such a project.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AdaptorBank, loadAdaptor } from 'gearnn/adaptor';
import { openDataset } from 'gearnn/data';
import { distort, parseLevel } from 'gearnn/distort';
import { startEngine } from 'gearnn/engine';
import { ConfusionMatrix, createPredictor, pixelAccuracy } from 'gearnn/eval';
import { loadCheckpoint, networkOf, segmentation } from 'gearnn/models';

const installed = dirname(fileURLToPath(import.meta.resolve('gearnn/package.json')));
const level = 'jpeg=10';

const { name: engine } = await startEngine({ engine: 'wasm' });
const checkpoint = await loadCheckpoint(join(installed, 'checkpoints/demo'));
const adaptor = await loadAdaptor(join(installed, 'checkpoints/demo/adaptors', level), checkpoint);
const { preprocessing, ignore, classes } = checkpoint.config;
const network = networkOf(checkpoint);
const bank = new AdaptorBank(network);
bank.add(level, adaptor.state);
const predictor = createPredictor(network, segmentation(preprocessing, ignore));

const scenes = await openDataset('scenes:7');
const [sample] = scenes.samples('val');
const truth = await scenes.readLabel(sample);
const { data: images, height, width } = await distort(await scenes.readImage(sample), parseLevel(level));

const answers = {};
for (const [method, swapped] of Object.entries({ base: null, adaptor: level })) {
  bank.swap(swapped);
  answers[method] = predictor.predict({ images, batch: 1, height, width });
}

const accuracy = {};
for (const [method, ids] of Object.entries(answers)) {
  const confusion = new ConfusionMatrix(classes.length);
  confusion.add(truth.data, ids, ignore);
  accuracy[method] = pixelAccuracy(confusion);
}
const shares = classes.map((_, id) => truth.data.filter((own) => own === id).length / truth.data.length);
const changed = answers.base.filter((id, i) => id !== answers.adaptor[i]).length;
console.log(JSON.stringify({ engine, accuracy, majority: Math.max(...shares), changed }));
