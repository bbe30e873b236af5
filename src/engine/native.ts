import * as tf from '@tensorflow/tfjs';

/** One attribute of a native op, as the binding takes it. */
export interface OpAttr {
  name: string;
  /** One of the binding's `TF_ATTR_*` constants. */
  type: number;
  value: unknown;
}

/** What the binding says of a native tensor: its handle's number, its shape, its TensorFlow data type. */
export interface NativeTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** The part of tfjs-node's native addon that gearnn calls. */
export interface NativeBinding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_UINT8: number;
  readonly TF_STRING: number;
  readonly TF_RESOURCE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  isUsingGpuDevice(): boolean;
  createTensor(shape: number[], dtype: number, values: ArrayBufferView | unknown[]): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  executeOp(op: string, attrs: OpAttr[], inputs: number[], outputs: number): NativeTensor[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): NativeTensor[];
  getNumOfTensors(): number;
}

/** What tfjs-node keeps per tensor. `values` holds data that no native op has needed yet. */
export interface NativeTensorData {
  shape: number[];
  dtype: number;
  id: number;
  values: ArrayBufferView | null;
  refCount: number;
}

/** The part of tfjs-node's backend that gearnn calls. */
export interface NativeBackend extends tf.KernelBackend {
  binding: NativeBinding;
  readonly tensorMap: { get(dataId: object): NativeTensorData; has(dataId: object): boolean };
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  createOutputTensor(native: NativeTensor): tf.Tensor;
  executeSingleOutput(op: string, attrs: OpAttr[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(op: string, attrs: OpAttr[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

/** The native backend when it is the active one, else null. */
export function nativeBackend(): NativeBackend | null {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as NativeBackend) : null;
}

/** bfloat16's number among TensorFlow's data types; the binding has no constant for it. */
export const DT_BFLOAT16 = 14;
