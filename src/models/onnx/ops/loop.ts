import tf from '../../../common/tf.cjs';
import { inOrder, positive } from '../axes.js';
import type { Graph } from '../model.js';
import { Value } from '../value.js';
import { window } from './slice.js';
import type { Family } from './op.js';

/**
 * Graphs that run again and again. How often has to be known, or is read: a count or a condition that is computed from the picture is refused
 * where a graph is compiled.
 */
export const loop: Family = {
  Loop: (call, count, condition, ...initial) => {
    const body = call.graph('body');
    const most = count ? count.data()[0]! : Infinity;
    let goesOn = condition ? condition.data()[0] !== 0 : true;
    let carried = initial.map((value) => call.need(value, 'v_initial'));
    const made: Value[][] = [];
    for (let trip = 0; trip < most && goesOn; trip++) {
      const trips = Value.ofNumbers([trip], 'int64', []);
      const [next, ...results] = call.runBranch(body, [trips, Value.ofNumbers([1], 'bool', []), ...carried]);
      carried = results.slice(0, carried.length);
      made.push(results.slice(carried.length));
      // Of a count alone, as exporters write it, the condition is a constant or handed on.
      goesOn = next!.data()[0] !== 0;
    }
    const outputs = body.outputs.slice(1 + carried.length);
    return [...carried, ...outputs.map((_, i) => stacked(body, 1 + carried.length + i, column(made, i), 0))];
  },
  Scan: (call, ...inputs) => {
    if (call.opset < 9) call.refuse('Scan of version 9 and later', `version ${call.opset}`);
    const body = call.graph('body');
    const given = inputs.map((value) => call.need(value, 'initial_state_and_scan_inputs'));
    const states = given.length - call.int('num_scan_inputs', 1);
    let carried = given.slice(0, states);
    const read = given.slice(states).map((value, i) => {
      const axis = positive(call.list('scan_input_axes')?.[i] ?? 0, value.rank);
      return { value, axis, isReverse: call.list('scan_input_directions')?.[i] === 1 };
    });
    const trips = read[0]?.value.shape[read[0].axis] ?? call.refuse('an input to go through', 'none');
    if (read.some(({ value, axis }) => value.shape[axis] !== trips))
      call.refuse('inputs of one length', read.map(({ value, axis }) => value.shape[axis]).join(', '));
    const made: Value[][] = [];
    for (let trip = 0; trip < trips; trip++) {
      const parts = read.map(({ value, axis, isReverse }) => slice(value, axis, isReverse ? trips - 1 - trip : trip));
      const results = call.runBranch(body, [...carried, ...parts]);
      carried = results.slice(0, states);
      made.push(results.slice(states));
    }
    const outputs = body.outputs.slice(states).map((_, i) => {
      const parts = column(made, i);
      const isReverse = call.list('scan_output_directions')?.[i] === 1;
      const rank = (parts[0]?.rank ?? 0) + 1;
      const axis = positive(call.list('scan_output_axes')?.[i] ?? 0, rank);
      return stacked(body, states + i, isReverse ? parts.reverse() : parts, axis);
    });
    return [...carried, ...outputs];
  },
};

function column(rows: readonly (readonly Value[])[], place: number): Value[] {
  return rows.map((row) => row[place]!);
}

/** A value at one place of an axis, without the axis. */
function slice(value: Value, axis: number, place: number): Value {
  const shape = value.shape.filter((_, i) => i !== axis);
  return Value.of(value.type, window(value.tensor(), axis, place, 1)).reshaped(shape);
}

/** What the runs have made, along a new axis; of no run at all what the graph says of its output. */
function stacked(body: Graph, output: number, parts: readonly Value[], axis: number): Value {
  const { type = 'float32', shape = [] } = body.outputs[output]!;
  if (parts.length === 0)
    return Value.ofNumbers([], type, [0, ...shape.map((side) => (typeof side === 'number' ? side : 0))]);
  const [first] = parts as [Value];
  if (parts.every((part) => part.isHost && part.rank === 0))
    return Value.ofNumbers(
      parts.map((part) => part.data()[0]!),
      first.type,
    );
  const tensors = parts.map((part) => part.tensor());
  return Value.of(first.type, tf.stack(tensors, axis), inOrder(first.rank + 1));
}
