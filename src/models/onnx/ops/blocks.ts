import type tf from '../../../common/tf.cjs';
import { depthToSpace, spaceToDepth, type BlockOrder } from '../../../ops/index.js';
import { channelsLast } from '../axes.js';
import { Value } from '../value.js';
import type { Call, Family } from './op.js';

/** Channels as blocks of pixels, and back. */
export const blocks: Family = {
  DepthToSpace: (call, x) => {
    const [value, block] = picture(call, x);
    const order = call.text('mode', 'DCR');
    if (value.shape[1]! % block ** 2 !== 0) call.refuse(`channels in blocks of ${block ** 2}`, `[${value.shape}]`);
    return turned(value, (image) => depthToSpace(image, block, order as BlockOrder));
  },
  SpaceToDepth: (call, x) => {
    const [value, block] = picture(call, x);
    if (value.shape.slice(2).some((side) => side % block !== 0))
      call.refuse(`sides in blocks of ${block}`, `[${value.shape}]`);
    return turned(value, (image) => spaceToDepth(image, block));
  },
};

function picture(call: Call, x: Value | undefined): [Value, number] {
  const value = call.need(x, 'input');
  const block = call.int('blocksize', 0);
  if (value.rank !== 4 || !(block > 0)) call.refuse('pictures and a blocksize', `[${value.shape}] and ${block}`);
  return [value, block];
}

function turned(x: Value, compute: (image: tf.Tensor4D) => tf.Tensor4D): Value {
  const last = channelsLast(4);
  return Value.of(x.type, compute(x.in(last) as tf.Tensor4D), last);
}
