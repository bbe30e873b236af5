import type { Call, Family } from '../call.js';
import type { Tensor } from '../emitter.js';

/** What passes values on. */
export const flow: Family = {
  ...Object.fromEntries(
    ['Identity', 'StopGradient', 'Snapshot', 'PlaceholderWithDefault'].map((name) => [name, passed]),
  ),
  IdentityN: (call, ...all) => all.map((x, i) => renamed(call, x, call.valueName(i))),
};

function passed(call: Call, x: Tensor): Tensor {
  return renamed(call, x, call.name);
}

/** A constant stays one: under its own name where nobody else takes it, so that weights keep theirs. */
function renamed(call: Call, x: Tensor, name: string): Tensor {
  if (x.constant) return call.uses(x.name) === 1 && call.uses(name) === 1 ? x : { ...x, name };
  call.emitter.node('Identity', [call.emitter.ref(x)], [name]);
  return { ...x, name, unbiased: undefined };
}
