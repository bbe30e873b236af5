import type { NativeBinding, OpAttr } from './native.js';

/** Builders of native op attributes, bound to the binding's numbers of their types. */
export function attributes(binding: NativeBinding) {
  return {
    type: (name: string, value: number): OpAttr => ({ name, type: binding.TF_ATTR_TYPE, value }),
    int: (name: string, value: number | number[]): OpAttr => ({ name, type: binding.TF_ATTR_INT, value }),
    float: (name: string, value: number): OpAttr => ({ name, type: binding.TF_ATTR_FLOAT, value }),
    bool: (name: string, value: boolean): OpAttr => ({ name, type: binding.TF_ATTR_BOOL, value }),
    text: (name: string, value: string): OpAttr => ({ name, type: binding.TF_ATTR_STRING, value }),
  };
}
