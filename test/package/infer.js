// What a project that has installed gearnn does for one image; run by pack.test.ts inside such a project.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AdaptorBank, loadAdaptor } from 'gearnn/adaptor';
import { openDataset } from 'gearnn/data';
import { distort, parseLevel } from 'gearnn/distort';
import { startEngine } from 'gearnn/engine';
import { createPredictor } from 'gearnn/eval';
import { loadCheckpoint, networkOf } from 'gearnn/models';
import { ConfusionMatrix, pixelAccuracy, taskOf } from 'gearnn/tasks';

const installed = dirname(fileURLToPath(import.meta.resolve('gearnn/package.json')));
const level = 'jpeg=10';

const { name: engine } = await startEngine({ engine: 'wasm' });
const checkpoint = await loadCheckpoint(join(installed, 'checkpoints/demo'));
const adaptor = await loadAdaptor(join(installed, 'checkpoints/demo/adaptors', level), checkpoint);
const { ignore, classes } = checkpoint.config;
const network = networkOf(checkpoint);
const bank = new AdaptorBank(network);
bank.add(level, adaptor.state);
const predictor = createPredictor(network, taskOf(checkpoint.config));

const scenes = await openDataset('scenes:7');
const [sample] = scenes.samples('val');
const truth = await scenes.readLabel(sample);
const { data: images, height, width } = await distort(await scenes.readImage(sample), parseLevel(level));

const answers = {};
for (const [method, swapped] of Object.entries({ base: null, adaptor: level })) {
  bank.swap(swapped);
  const [mask] = predictor.predict({ images, batch: 1, height, width });
  answers[method] = mask.data;
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
