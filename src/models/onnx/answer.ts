import tf from '../../common/tf.cjs';
import type { Size } from '../../image/resize.js';
import type { TaskName } from '../../tasks/names.js';
import { fail } from '../../common/errors.js';
import { channelsLast, inOrder } from './axes.js';
import type { OnnxInput, OnnxSource } from './config.js';
import type { Graph, Node } from './model.js';
import { answersOfPicture } from './picture.js';
import type { Value } from './value.js';

/** Smallest probability that is told from 0. */
const LEAST = 1e-7;

/** Which value of the graph is read as an answer, and what it holds. */
export interface AnswerValue {
  name: string;
  holds: OnnxSource['answer'];
}

/** Operations that make probabilities, by the answers that they make. */
const MAKERS: Readonly<Record<string, string>> = { softmax: 'Softmax', sigmoid: 'Sigmoid' };

/** What a value holds, by the node that makes it. */
export function answerKind({ nodes }: Graph, name: string): OnnxSource['answer'] {
  const op = makerOf(nodes, name)?.op;
  return op === 'Softmax' ? 'softmax' : op === 'Sigmoid' ? 'sigmoid' : 'logits';
}

/** The logits behind probabilities where the node that makes these is known; else the probabilities. */
export function answerValue({ nodes }: Graph, name: string, answer: OnnxSource['answer']): AnswerValue {
  const maker = makerOf(nodes, name);
  return maker && maker.op === MAKERS[answer] ? { name: maker.inputs[0]!, holds: 'logits' } : { name, holds: answer };
}

function makerOf(nodes: readonly Node[], name: string): Node | undefined {
  const maker = nodes.find(({ outputs }) => outputs.includes(name));
  return maker?.op === 'Identity' ? makerOf(nodes, maker.inputs[0]!) : maker;
}

export interface AnswerContext {
  task: TaskName;
  classes: number;
  input: OnnxInput;
  picture: Size;
}

/** What a task reads: logits `[batch, ...picture, classes]` of a dense one, `[batch, classes]` of classification. */
export function logitsOf(value: Value, { name, holds }: AnswerValue, context: AnswerContext): tf.Tensor {
  const { task, classes, input, picture } = context;
  const refuse = (expected: string): never =>
    fail('E_ONNX_INPUT', { where: `onnx output ${name}`, expected, got: `[${value.shape}]` });
  if (task === 'classification') {
    const flat = tf.reshape(value.tensor(), [value.shape[0]!, -1]);
    if (flat.shape[1] !== classes) refuse(`[batch, ${classes}], a number for each class`);
    return unsquashed(flat, holds);
  }
  const order = input.layout === 'nchw' ? channelsLast(4) : inOrder(4);
  if (value.rank !== 3 && value.rank !== 4) refuse('numbers for each pixel');
  const dense = (value.rank === 3 ? tf.expandDims(value.tensor(), -1) : value.in(order)) as tf.Tensor4D;
  const logits = unsquashed(dense, holds);
  const channels = task === 'foreground' ? 1 : classes;
  const fitting = task === 'foreground' && logits.shape[3] === 2 ? difference(logits) : logits;
  if (fitting.shape[3] !== channels) refuse(`${channels} for each pixel`);
  return answersOfPicture(fitting, picture, input);
}

/** Of background and foreground how much the second outweighs the first. */
function difference(logits: tf.Tensor4D): tf.Tensor4D {
  const [background, foreground] = tf.split(logits, 2, 3);
  return tf.sub(foreground!, background!);
}

function unsquashed<T extends tf.Tensor>(values: T, holds: AnswerValue['holds']): T {
  if (holds === 'logits') return values;
  const likely = tf.clipByValue(values, LEAST, 1 - LEAST);
  return (holds === 'softmax' ? tf.log(likely) : tf.sub(tf.log(likely), tf.log(tf.sub(1, likely)))) as T;
}
