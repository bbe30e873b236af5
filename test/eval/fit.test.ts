import { expect } from 'chai';
import { createPredictor } from '../../src/eval/predictor.js';
import { Random } from '../../src/common/random.js';
import { fitPixels } from '../../src/image/fit.js';
import { IMAGENET } from '../../src/models/preprocessing.js';
import { createNetwork } from '../../src/models/registry.js';
import { classificationTask } from '../../src/tasks/classification/task.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { onEngines } from '../support/engines.js';

const SPEC = { name: 'resnet-18', classes: 5, width: 0.125 };
const FIT = { resize: 40, crop: 32 };
const [WIDTH, HEIGHT] = [67, 50];

onEngines('eval: a network with a size of its own', () => {
  const random = Random.of(4, 'fit');
  const images = Uint8Array.from({ length: 2 * HEIGHT * WIDTH * 3 }, () => random.integer(256));

  it('answers for a picture as one without answers for what resizing and cutting makes of it', () => {
    const fitting = createNetwork(SPEC, { seed: 3, preprocessing: { ...IMAGENET, fit: FIT } });
    const plain = createNetwork(SPEC, { seed: 3 });
    const [given, expected] = [fitting, plain].map((network) => createPredictor(network, classificationTask()));
    const answers = given!.predict({ images, batch: 2, width: WIDTH, height: HEIGHT });
    expect(answers).to.have.length(2);
    answers.forEach((answer, i) => {
      const data = images.subarray(i * HEIGHT * WIDTH * 3, (i + 1) * HEIGHT * WIDTH * 3);
      const { data: fitted } = fitPixels({ data, width: WIDTH, height: HEIGHT, channels: 3 }, FIT);
      const [own] = expected!.predict({ images: fitted, batch: 1, width: FIT.crop, height: FIT.crop });
      answer.forEach((value, c) => expect(value).to.be.closeTo(own![c]!, 1e-6));
    });
    expect([...answers[0]!]).to.not.deep.equal([...answers[1]!]);
    for (const one of [given!, expected!, fitting, plain]) one.dispose();
  });

  it('is refused where every pixel is to be answered', () => {
    const spec = { name: 'drn-d-22', classes: 2, width: 0.125 };
    const network = createNetwork(spec, { seed: 3, preprocessing: { ...IMAGENET, fit: FIT } });
    expect(() => createPredictor(network, segmentationTask(255)))
      .to.throw('40:32')
      .with.property('code', 'E_USAGE');
    network.dispose();
  });
});
