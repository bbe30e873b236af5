import { lengthOf, numbersOf, type Call, type Family } from '../call.js';
import type { Tensor } from '../emitter.js';

/** Beyond the end of any axis. */
const END = 2 ** 31 - 1;

/** What is read from, and written to, places. */
export const places: Family = {
  Slice: (call, x, begin, size) => slice(call, x!, begin!, size!),
  StridedSlice: (call, x, begin, end, strides) => stridedSlice(call, x!, begin!, end!, strides!),
  ReverseV2: (call, x, at) => {
    const axes = numbersOf(at);
    if (!axes) return undefined;
    const all = (value: number): string => call.integers(axes.map(() => value));
    return call.result('Slice', [x!, all(-1), all(-END), call.integers(axes), all(-1)]);
  },
  Gather: (call, x, at) => gather(call, x!, at!, 0),
  GatherV2: (call, x, at, axis) => {
    const [along] = numbersOf(axis) ?? [];
    return along === undefined || call.node.number('batch_dims', 0) !== 0 ? undefined : gather(call, x!, at!, along);
  },
  GatherNd: (call, x, at) => call.result('GatherND', [x!, at!], { rank: undefined }),
  OneHot: (call, at, depth, on, off) => {
    const values = call.inner('Concat', [off!, on!].map((one) => call.inner('Unsqueeze', [one, call.integers([0])])), { axis: 0 }); // prettier-ignore
    const { rank } = at!;
    const options = { kind: on!.kind, rank: rank === undefined ? undefined : rank + 1 };
    return call.result('OneHot', [at!, depth!, values], {
      ...options,
      attributes: { axis: call.node.number('axis', -1) },
    });
  },
  ScatterNd: (call, at, values, shape) => {
    const zeros = call.inner('Expand', [call.scalar(0, values!.kind), shape!]);
    const options = { kind: values!.kind, rank: lengthOf(shape!), attributes: { reduction: 'add' } };
    return call.result('ScatterND', [zeros, at!, values!], options);
  },
  TensorScatterUpdate: (call, x, at, values) => call.result('ScatterND', [x!, at!, values!]),
  SparseToDense: (call, at, shape, values, fill) => {
    if (at!.rank !== 2 || values!.rank !== 1) return undefined;
    const whole = call.inner('Expand', [fill!, shape!]);
    return call.result('ScatterND', [whole, at!, values!], { kind: values!.kind, rank: lengthOf(shape!) });
  },
};

function gather(call: Call, x: Tensor, at: Tensor, axis: number): Tensor {
  const rank = x.rank === undefined || at.rank === undefined ? undefined : x.rank - 1 + at.rank;
  return call.result('Gather', [x, at], { kind: x.kind, rank, attributes: { axis } });
}

function slice(call: Call, x: Tensor, begin: Tensor, size: Tensor): Tensor | undefined {
  const sizes = numbersOf(size);
  const from = numbersOf(begin);
  // A size of -1 goes to the end.
  if (sizes && from) {
    const ends = sizes.map((one, i) => (one < 0 ? END : from[i]! + one));
    return call.result('Slice', [x, call.integers(from), call.integers(ends)]);
  }
  if (sizes && sizes.some((one) => one < 0)) return undefined;
  return call.result('Slice', [x, begin, call.inner('Add', [begin, size])]);
}

/** What one number of a strided slice's lists stands for. */
interface Entry {
  place: number;
  /** Axis of the input; counted from the end behind an ellipsis. */
  axis: number;
}

function stridedSlice(call: Call, x: Tensor, begin: Tensor, end: Tensor, strides: Tensor): Tensor | undefined {
  const { node } = call;
  const steps = numbersOf(strides);
  if (!steps) return undefined;
  const mask = (name: string, place: number): boolean => ((node.number(name, 0) >> place) & 1) === 1;
  const plain: Entry[] = [];
  const added: number[] = [];
  const ellipsis = steps.findIndex((_, place) => mask('ellipsis_mask', place));
  const isAdded = (place: number): boolean => mask('new_axis_mask', place) && place !== ellipsis;
  steps.forEach((_, place) => {
    if (place === ellipsis) return;
    if (isAdded(place)) return void added.push(place);
    const before = steps.slice(0, place).filter((_, i) => !isAdded(i) && i !== ellipsis).length;
    const behind = steps.slice(place).filter((_, i) => !isAdded(place + i)).length;
    plain.push({ place, axis: ellipsis >= 0 && place > ellipsis ? -behind : before });
  });
  // Behind an ellipsis the place of a new axis is not known without the rank.
  if (ellipsis >= 0 && added.some((place) => place > ellipsis)) return undefined;
  const shrunk = plain.filter(({ place }) => mask('shrink_axis_mask', place));
  const sliced = cut(call, x, { begin, end, steps }, plain, mask);
  const squeezed = shrunk.length > 0 ? call.inner('Squeeze', [sliced, call.integers(shrunk.map(({ axis }) => axis))]) : sliced; // prettier-ignore
  const rank = x.rank === undefined ? undefined : x.rank - shrunk.length + added.length;
  if (added.length === 0) return call.result('Identity', [squeezed], { rank });
  const axes = added.map((place) => place - shrunk.filter((one) => one.place < place).length);
  return call.result('Unsqueeze', [squeezed, call.integers(axes)], { rank });
}

/** The parts of the axes that the lists name; those that a number alone picks keep an axis of size 1. */
function cut(
  call: Call,
  x: Tensor,
  { begin, end, steps }: { begin: Tensor; end: Tensor; steps: number[] },
  plain: readonly Entry[],
  mask: (name: string, place: number) => boolean,
): Tensor | string {
  const [from, to] = [numbersOf(begin), numbersOf(end)];
  const isShrunk = (place: number): boolean => mask('shrink_axis_mask', place);
  const isFree = (name: string, place: number): boolean => mask(name, place) && !isShrunk(place);
  const dynamic = (tensor: Tensor, place: number): string => call.inner('Gather', [tensor, call.integers([place])]);
  const startOf = (place: number): number | string => {
    if (isFree('begin_mask', place)) return steps[place]! > 0 ? 0 : END;
    return from?.[place] ?? dynamic(begin, place);
  };
  const endOf = (place: number): number | string => {
    if (isShrunk(place)) return from![place] === -1 ? END : from![place]! + 1;
    if (isFree('end_mask', place)) return steps[place]! > 0 ? END : -END;
    return to?.[place] ?? dynamic(end, place);
  };
  const listOf = (entries: (number | string)[]): string => {
    const numbers = entries.filter((one) => typeof one === 'number');
    if (numbers.length === entries.length) return call.integers(numbers);
    const rows = entries.map((one) => (typeof one === 'number' ? call.integers([one]) : one));
    return call.inner('Concat', rows, { axis: 0 });
  };
  // A place that only a run knows may count from the end, which a slice's own end could not follow.
  const picked = from ? [] : plain.filter(({ place }) => isShrunk(place));
  const whole = ({ place }: Entry): boolean => isFree('begin_mask', place) && isFree('end_mask', place) && steps[place] === 1; // prettier-ignore
  const sliced = plain.filter((entry) => !picked.includes(entry) && !whole(entry));
  const places = sliced.map(({ place }) => place);
  const part =
    sliced.length === 0
      ? x
      : call.inner('Slice', [
          x,
          listOf(places.map(startOf)),
          listOf(places.map(endOf)),
          call.integers(sliced.map(({ axis }) => axis)),
          call.integers(places.map((place) => (isShrunk(place) ? 1 : steps[place]!))),
        ]);
  return picked.reduce<Tensor | string>(
    (value, { place, axis }) => call.inner('Gather', [value, dynamic(begin, place)], { axis }),
    part,
  );
}
