import tf from '../../../common/tf.cjs';
import { inOrder } from '../axes.js';
import { Value } from '../value.js';
import { parts, window } from './slice.js';
import type { Call, Family, Op } from './op.js';

/** What a cell remembers, `[batch, hidden]` each; only an LSTM's has `c`. */
interface Memory {
  h: tf.Tensor;
  c: tf.Tensor;
}

/** One direction's weights. */
interface Weights {
  /** `[hidden, gates * hidden]` */
  r: tf.Tensor;
  /** Of the memory's products, `[gates * hidden]`; the input's are added already. */
  rb: tf.Tensor;
  /** Peepholes `[3, hidden]`. */
  p: tf.Tensor | undefined;
}

/** One step of a cell. @param x products of the input with its weights, `[batch, gates * hidden]` */
type Cell = (x: tf.Tensor, memory: Memory, weights: Weights, call: Call) => Memory;

/** Recurrent layers, unrolled: of a sequence each length is a graph of its own. */
export const recurrent: Family = {
  RNN: layer(1, ['Tanh'], (x, { h, c }, { r, rb }) => ({
    h: tf.tanh(tf.add(x, tf.add(tf.matMul(h as tf.Tensor2D, r as tf.Tensor2D), rb))),
    c,
  })),
  GRU: layer(3, ['Sigmoid', 'Tanh'], (x, { h, c }, { r, rb }, call) => {
    const [xz, xr, xn] = tf.split(x, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [rz, rr, rn] = tf.split(r, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [bz, br, bn] = tf.split(rb, 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const by = (state: tf.Tensor, weights: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
      tf.add(tf.matMul(state as tf.Tensor2D, weights as tf.Tensor2D), bias);
    const update = tf.sigmoid(tf.add(xz, by(h, rz, bz)));
    const reset = tf.sigmoid(tf.add(xr, by(h, rr, br)));
    const remembered = call.flag('linear_before_reset') ? tf.mul(reset, by(h, rn, bn)) : by(tf.mul(reset, h), rn, bn);
    const candidate = tf.tanh(tf.add(xn, remembered));
    return { h: tf.add(candidate, tf.mul(update, tf.sub(h, candidate))), c };
  }),
  LSTM: layer(4, ['Sigmoid', 'Tanh', 'Tanh'], (x, { h, c }, { r, rb, p }) => {
    const all = tf.add(x, tf.add(tf.matMul(h as tf.Tensor2D, r as tf.Tensor2D), rb));
    const [i, o, f, g] = tf.split(all, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const [pi, po, pf] = p ? tf.split(p, 3) : [];
    const gate = (sum: tf.Tensor, peephole: tf.Tensor | undefined, cell: tf.Tensor): tf.Tensor =>
      tf.sigmoid(peephole ? tf.add(sum, tf.mul(peephole, cell)) : sum);
    const next = tf.add(tf.mul(gate(f, pf, c), c), tf.mul(gate(i, pi, c), tf.tanh(g)));
    return { h: tf.mul(gate(o, po, next), tf.tanh(next)), c: next };
  }),
};

/** @param functions that the cell has in each direction; others are refused */
function layer(gates: number, functions: string[], cell: Cell): Op {
  return (call, x, w, r, b, lengths, h0, c0, p) => {
    const isBatchFirst = call.flag('layout');
    const { type } = call.need(x, 'X');
    const sequence = isBatchFirst ? tf.transpose(x!.tensor(), [1, 0, 2]) : x!.tensor();
    const [steps, batch, size] = sequence.shape as [number, number, number];
    const hidden = call.need(r, 'R').shape[2]!;
    const direction = call.text('direction', 'forward');
    const sides = inOrder(direction === 'bidirectional' ? 2 : 1);
    refuseOthers(call, sides.flatMap(() => functions), steps, lengths); // prettier-ignore
    const width = gates * hidden;
    const runs = sides.map((side) => {
      const [wb, rb] = tf.unstack(part(b, side, 0, [2, width]) ?? tf.zeros([2, width])) as [tf.Tensor, tf.Tensor];
      const given = inputProducts(sequence, part(call.need(w, 'W'), side, 0, [width, size])!, wb);
      const weights: Weights = {
        r: tf.transpose(part(r, side, 0, [width, hidden])!),
        rb,
        p: part(p, side, 0, [3, hidden]),
      };
      const state = (value: Value | undefined): tf.Tensor =>
        part(value, side, isBatchFirst ? 1 : 0, [batch, hidden]) ?? tf.zeros([batch, hidden]);
      const isBackwards = direction === 'reverse' || side === 1;
      const run = unrolled(isBackwards ? given.toReversed() : given, { h: state(h0), c: state(c0) }, (step, memory) =>
        cell(step, memory, weights, call),
      );
      return { y: tf.stack(isBackwards ? run.outputs.toReversed() : run.outputs), ...run.memory };
    });
    // [steps, directions, batch, hidden], or with the batch first [batch, steps, directions, hidden].
    const y = tf.stack(runs.map((run) => run.y), 1); // prettier-ignore
    const last = (key: 'h' | 'c'): Value => Value.of(type, tf.stack(runs.map((run) => run[key]), isBatchFirst ? 1 : 0)); // prettier-ignore
    return [Value.of(type, isBatchFirst ? tf.transpose(y, [2, 0, 1, 3]) : y), last('h'), last('c')];
  };
}

/** What a direction has of an input whose axis `axis` is the directions. */
function part(value: Value | undefined, side: number, axis: number, shape: number[]): tf.Tensor | undefined {
  return value && tf.reshape(window(value.tensor(), axis, side, 1), shape);
}

/** Of all steps at once: `[batch, gates * hidden]` for each. */
function inputProducts(sequence: tf.Tensor, w: tf.Tensor, bias: tf.Tensor): tf.Tensor[] {
  const [steps, batch, size] = sequence.shape as [number, number, number];
  const flat = tf.reshape(sequence, [steps * batch, size]) as tf.Tensor2D;
  const products = tf.add(tf.matMul(flat, w as tf.Tensor2D, false, true), bias);
  return parts(tf.reshape(products, [steps, batch, w.shape[0]!]), 0).map((step) =>
    tf.reshape(step, [batch, w.shape[0]!]),
  );
}

function unrolled(
  steps: tf.Tensor[],
  start: Memory,
  next: (step: tf.Tensor, memory: Memory) => Memory,
): { outputs: tf.Tensor[]; memory: Memory } {
  let memory = start;
  const outputs = steps.map((step) => {
    memory = next(step, memory);
    return memory.h;
  });
  return { outputs, memory };
}

function refuseOthers(call: Call, functions: string[], steps: number, lengths: Value | undefined): void {
  const given = call.texts('activations') ?? functions;
  if (given.join() !== functions.join()) call.refuse(`the activations ${functions.join(', ')}`, given.join(', '));
  if (call.float('clip') !== undefined || call.flag('input_forget'))
    call.refuse('a cell without clip and input_forget', 'one with them');
  if (lengths && lengths.numbers().some((length) => length !== steps))
    call.refuse(`sequences of ${steps} steps each`, `[${lengths.numbers()}]`);
}
