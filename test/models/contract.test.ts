import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../src/engine/compile.js';
import { loadCheckpoint, networkOf, saveCheckpoint } from '../../src/models/checkpoint.js';
import { referenceShape } from '../../src/models/layout.js';
import { byGroup, isLearned, isStatistic, type Network } from '../../src/models/network.js';
import { createNetwork } from '../../src/models/registry.js';
import { stateDict } from '../../src/models/state-dict.js';
import type { Values } from '../../src/tasks/arrays.js';
import { taskNamed } from '../../src/tasks/registry.js';
import { expectClose, expectTensor, onEngines } from '../support/engines.js';
import { changedBy, gradientsOf, imagesFor, lossOf, SIZE, trainingOutputs } from './support/probes.js';
import { CLASSES, fileOf, make, NAMES, WIDTH } from './support/networks.js';

const IGNORE = 255;

/** Networks that take no minutes on an engine; each op has its own contract on every engine. */
function isQuick(name: string, engine: string): boolean {
  if (engine === 'tensorflow') return true;
  return engine === 'cpu' ? ['drn-d-22', 'resnet-18', 'onnx'].includes(name) : !name.startsWith('maskrcnn');
}

onEngines('models: contract of networks', (engine) => {
  for (const name of NAMES) {
    if (!isQuick(name, engine)) continue;
    describe(name, () => {
      let network: Network;
      beforeEach(() => (network = make(name)));
      afterEach(() => network.dispose());

      it('its parameters have names and variables of their own, in shapes and layouts that fit their roles', () => {
        const { parameters } = network;
        for (const key of ['name', 'variable'] as const) {
          expect(new Set(parameters.map((parameter) => parameter[key])).size, key).to.equal(parameters.length);
        }
        for (const { name: at, role, layout, shape, size, variable } of parameters) {
          expect(shape, at).to.deep.equal(referenceShape(variable.shape, layout));
          expect([size, shape.reduce((a, b) => a * b, 1)], at).to.deep.equal([variable.size, variable.size]);
          if (role !== 'fixed') expect(layout, at).to.equal(role !== 'weight' ? 'plain' : shape.length === 4 ? 'conv' : 'dense'); // prettier-ignore
          expect(variable.trainable, at).to.equal(isLearned({ role }));
        }
      });

      it('a group is one layer: each role once, and a normalization has its four of one shape', () => {
        const groups = byGroup(network.parameters);
        for (const [group, members] of groups) {
          const roles = members.map(({ role }) => role);
          expect(new Set(roles).size, group).to.equal(roles.length);
          if (!members.some(isStatistic)) continue;
          expect(roles, group).to.have.members(['scale', 'shift', 'mean', 'variance']);
          for (const { shape } of members) expect(shape, group).to.deep.equal(members[0]!.shape);
        }
        expect([...groups.values()].flat(), 'groups lie together').to.deep.equal(network.parameters);
      });

      it('puts out what its task reads an answer per image from', () => {
        const task = taskNamed(network.task, IGNORE);
        tf.tidy(() => {
          const outputs = network.forward(imagesFor(2));
          const sides = task.dense === undefined ? [] : [SIZE.height, SIZE.width];
          if (outputs['logits']) expect(outputs['logits'].shape).to.deep.equal([2, ...sides, CLASSES]);
          else expect(outputs['boxes']!.shape).to.deep.equal([2, outputs['scores']!.shape[1], 4]);
          const values = Object.entries(task.answer(outputs)).map(([name, tensor]): [string, Values] => {
            const { shape, dtype } = tensor;
            return [name, { dtype: dtype as 'float32', shape, data: tensor.dataSync() as Float32Array }];
          });
          expect(task.decode(Object.fromEntries(values), SIZE)).to.have.length(2);
        });
      });

      it('answers a batch of two as two batches of one, whole numbers or not', () => {
        tf.tidy(() => {
          const images = imagesFor(2);
          const together = network.forward(images);
          const singles = tf.split(images, 2).map((image) => network.forward(tf.cast(image as tf.Tensor4D, 'float32')));
          for (const [key, output] of Object.entries(together)) {
            expectTensor(tf.concat(singles.map((outputs) => outputs[key]!)), output, 1e-5, key);
          }
        });
      });

      it('normalizes by running statistics unless it is told otherwise, which changes nothing in it', () => {
        tf.tidy(() => {
          const images = imagesFor(2);
          const changed = changedBy(network, () => {
            const said = trainingOutputs(network, images, () => 'running');
            for (const [key, output] of Object.entries(trainingOutputs(network, images)))
              expectTensor(said[key]!, output, 0);
          });
          expect(changed).to.deep.equal([]);
        });
      });

      it('normalizes by the batch where its group is asked for, and moves those statistics alone', () => {
        const statistics = network.parameters.filter(isStatistic);
        const groups = [...byGroup(statistics).keys()];
        const one = groups.at(-1)!;
        tf.tidy(() => {
          const images = imagesFor(2);
          const running = lossOf(trainingOutputs(network, images)).dataSync()[0]!;
          const asked: string[] = [];
          const moved = changedBy(network, () => {
            const outputs = trainingOutputs(
              network,
              images,
              (group) => (asked.push(group), group === one ? 'batch' : 'running'),
            );
            expect(lossOf(outputs).dataSync()[0]).not.to.be.closeTo(running, 1e-6 * Math.abs(running));
          });
          expect(asked).to.have.members(groups);
          expect(moved).to.have.members(statistics.filter(({ group }) => group === one).map((p) => p.name));
          const all = changedBy(network, () => void network.forward(images, () => 'batch'));
          expect(all).to.have.members(statistics.map((p) => p.name));
        });
      });

      it('adds up the statistics of batches where sums are asked for', () => {
        const statistics = network.parameters.filter(isStatistic);
        tf.tidy(() => {
          const images = imagesFor(2);
          const values = () => statistics.map(({ variable }) => variable.dataSync().slice());
          const steps = [values()];
          for (let i = 0; i < 2; i++) {
            network.forward(images, () => 'sum');
            steps.push(values());
          }
          const [first, second] = [0, 1].map((i) => steps[i]!.map((from, j) => from.map((v, k) => steps[i + 1]![j]![k]! - v))); // prettier-ignore
          first!.forEach((added, j) => expectClose(second![j]!, added, 1e-4, statistics[j]!.name));
        });
      });

      it('a gradient reaches every value that is learned, by either statistics', () => {
        const learned = network.parameters.filter(isLearned);
        tf.tidy(() => {
          const images = imagesFor(2);
          for (const statistics of ['running', 'batch'] as const) {
            const changed = changedBy(network, () => {
              gradientsOf(network, images, statistics).forEach((gradient, i) => {
                const { name: at, variable } = learned[i]!;
                expect(gradient.shape, at).to.deep.equal(variable.shape);
                const length = tf.norm(gradient).dataSync()[0]!;
                expect(length, `${at}, ${statistics}`).to.be.finite.and.above(0);
              });
            });
            const kept = network.parameters.filter((parameter) => !isStatistic(parameter)).map((p) => p.name);
            expect(changed).not.to.include.any.members(kept);
          }
        });
      });

      it('nothing but what is learned can be trained', () => {
        for (const { name: at, variable } of network.parameters.filter((parameter) => !isLearned(parameter))) {
          expect(() => tf.tidy(() => tf.variableGrads(() => lossOf(trainingOutputs(network, imagesFor(1))), [variable])), at).to.throw(); // prettier-ignore
        }
      });

      it('its stems read the picture alone, and multiply and shift what they put out by scales and shifts of their own', () => {
        const { layers, run } = network.stems;
        expect(layers).not.to.deep.equal([]);
        const variableOf = (at: string): tf.Variable => network.parameters.find((one) => one.name === at)!.variable;
        tf.tidy(() => {
          const images = imagesFor(2);
          for (const { variable } of network.parameters.filter(({ role }) => role === 'shift' || role === 'bias'))
            variable.assign(tf.add(variable, 0.5));
          const before = run(images);
          const own = layers.flatMap(({ scale, shift }) => [variableOf(scale), variableOf(shift)]);
          for (const variable of own) variable.assign(tf.mul(variable, 2));
          run(images).forEach((output, i) => {
            expect(output.shape).to.deep.equal([output.shape[0], variableOf(layers[i]!.shift).size]);
            expectTensor(output, tf.mul(before[i]!, 2), 1e-4, layers[i]!.scale);
          });
          // What lies behind them is nothing to them.
          const others = network.parameters.filter(
            ({ role, variable }) => (role === 'scale' || role === 'shift') && !own.includes(variable),
          );
          const doubled = run(images);
          for (const { variable } of others) variable.assign(tf.mul(variable, 3));
          run(images).forEach((output, i) => expectTensor(output, doubled[i]!, 0, layers[i]!.scale));
        });
      });

      it('compiled, it answers, trains and moves its statistics as it does op by op', () => {
        const other = make(name);
        const step = (of: Network) => (images: tf.Tensor4D) => [
          ...Object.values(of.forward(images)),
          ...gradientsOf(of, images, 'batch'),
        ];
        const images = imagesFor(2);
        const compiled = compile(step(network), [images], { makesVariables: false });
        const [actual, expected] = [compiled(images), tf.tidy(() => step(other)(images))];
        expect(actual).to.have.length(expected.length);
        const sizes = expected.map((tensor) => tf.tidy(() => tf.max(tf.abs(tensor)).dataSync()[0]!));
        // A shift in front of a convolution and of a batch's statistics has a gradient of 0, and what is computed is rounding.
        const nothing = 1e-5 * Math.max(...sizes);
        actual.forEach((tensor, i) => {
          if (sizes[i]! > nothing) expectTensor(tensor, expected[i]!, 1e-3, `tensor ${i}`);
          else expect(Math.max(...tensor.dataSync().map(Math.abs)), `tensor ${i}`).to.be.at.most(nothing);
        });
        const state = stateDict(network);
        for (const [at, { data }] of stateDict(other)) expectClose(state.get(at)!.data, data, 1e-4, at);
        compiled.dispose();
        tf.dispose([images, actual, expected]);
        other.dispose();
      });

      it('saved and loaded, it answers to the bit as before', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'gearnn-'));
        const images = imagesFor(2);
        tf.dispose(network.forward(images, () => 'batch'));
        const { spec, task, input, parameters } = network;
        const classes = Array.from({ length: CLASSES }, (_, id) => ({ name: `${id}`, color: [id, 0, 0] as [number, number, number] })); // prettier-ignore
        const { config: section, from } = await fileOf(name);
        const config = {
          ...section,
          network: spec,
          task,
          classes,
          ignore: IGNORE,
          preprocessing: input.preprocessing,
          training: {},
        };
        try {
          await saveCheckpoint(folder, { ...config, storage: 'fp32' }, stateDict(network), parameters, from);
          const loaded = networkOf(await loadCheckpoint(folder));
          tf.tidy(() => {
            const outputs = loaded.forward(images);
            for (const [key, output] of Object.entries(network.forward(images))) expectTensor(outputs[key]!, output, 0);
          });
          expect(loaded.parameters.map(({ name: at, role, group }) => [at, role, group])).to.deep.equal(
            parameters.map(({ name: at, role, group }) => [at, role, group]),
          );
          loaded.dispose();
        } finally {
          images.dispose();
          rmSync(folder, { recursive: true });
        }
      });

      const wrong: [string, number[]][] = [
        ['one image without a batch', [SIZE.height, SIZE.width, 3]],
        ['four channels', [1, SIZE.height, SIZE.width, 4]],
        ['channels first', [1, 3, SIZE.height, SIZE.width]],
        ['no pixel', [1, 0, SIZE.width, 3]],
      ];
      for (const [title, shape] of wrong) {
        it(`refuses ${title}, saying what it takes`, () => {
          tf.tidy(() => {
            expect(() => network.forward(tf.zeros<tf.Rank.R4>(shape as never)))
              .to.throw(new RegExp(`${name}.*\\[batch, height, width, 3\\].*\\[${shape}\\]`))
              .with.property('code', 'E_SHAPE');
          });
        });
      }

      it('refuses sides that its stride does not divide', () => {
        const { stride } = network.input;
        if (stride === 1) return;
        tf.tidy(() => {
          expect(() => network.forward(tf.zeros([1, stride, stride + 1, 3])))
            .to.throw(new RegExp(`multiples of ${stride}`))
            .with.property('code', 'E_SHAPE');
        });
      });
    });
  }
});

describe('models: activations', () => {
  before(() => tf.setBackend('cpu'));

  for (const name of NAMES.filter((one) => one !== 'onnx')) {
    it(`of ${name} grow with its width, the most at a time less than all`, () => {
      const [narrow, wide] = [WIDTH, 1].map((width) => {
        const network = createNetwork({ name, classes: CLASSES, width }, { seed: null });
        const activations = network.activations();
        network.dispose();
        return activations;
      });
      expect(narrow!.peak).to.be.above(0).and.below(narrow!.sum);
      expect(wide!.peak).to.be.above(narrow!.peak);
      expect(wide!.sum).to.be.above(narrow!.sum);
    });
  }
});
