import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { locateTensorflow } from '../../src/engine/locate.js';
import { type EngineName, startEngine } from '../../src/engine/start.js';
import { missing } from './tools.js';

/** Every engine, the reference first. */
export const ENGINE_NAMES: readonly EngineName[] = ['cpu', 'wasm', 'tensorflow'];

/**
 * Runs a suite on each engine; the tests of one that is not installed are skipped, or fail where CI is set. No test in it
 * may leave a tensor behind.
 */
export function onEngines(title: string, suite: (engine: EngineName) => void, engines = ENGINE_NAMES): void {
  for (const engine of engines) {
    describe(`${title}, on ${engine}`, () => {
      before(async function () {
        await useEngine(this, engine);
      });
      checkLeaks();
      suite(engine);
    });
  }
}

/** As {@link onEngines}, for what only the native engine does. */
export function onTensorflow(title: string, suite: () => void): void {
  onEngines(title, suite, ['tensorflow']);
}

/** Makes an engine the active one. */
export async function useEngine(test: Mocha.Context, engine: EngineName): Promise<void> {
  if (engine === 'tensorflow' && (await locateTensorflow()) === null)
    missing(test, 'needs TensorFlow; gearnn engine install fetches it');
  await startEngine({ engine });
}

function checkLeaks(): void {
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
  });
  afterEach(function () {
    // A test that failed half-way has not come to its clean-up.
    if (this.currentTest?.state === 'passed') expect(tf.memory().numTensors, 'tensors left behind').to.equal(before);
  });
}

/** Expects equal shapes and types, and values within a share of the largest; 0 asks for the same bits. */
export function expectTensor(actual: tf.Tensor, expected: tf.Tensor, relative: number, message = ''): void {
  expect([actual.dtype, ...actual.shape], message).to.deep.equal([expected.dtype, ...expected.shape]);
  const [a, b] = [actual.dataSync() as ArrayLike<unknown>, expected.dataSync() as ArrayLike<unknown>];
  if (expected.dtype === 'string') expect([...(a as string[])], message).to.deep.equal([...(b as string[])]);
  else expectClose(a as ArrayLike<number>, b as ArrayLike<number>, relative, message);
}

/** Expects numbers within a share of the largest expected one; 0 asks for the same bits, save the sign of zero. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  message = '',
): void {
  expect(actual.length, message).to.equal(expected.length);
  let scale = 0;
  for (let i = 0; i < expected.length; i++)
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (!(Math.abs(a - b) <= relative * scale)) {
      expect.fail(`${message} value ${i}: ${a} instead of ${b}, which is ${Math.abs(a - b) / scale} of the largest`);
    }
  }
}
