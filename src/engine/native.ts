import tf from '../common/tf.cjs';

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
  readonly tensorMap: {
    get(dataId: object): NativeTensorData;
    set(dataId: object, data: NativeTensorData): void;
    has(dataId: object): boolean;
  };
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  readSync(dataId: object): tf.backend_util.BackendValues;
  executeSingleOutput(op: string, attrs: OpAttr[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(op: string, attrs: OpAttr[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

/** The native backend when it is the active one, else null. */
export function nativeBackend(): NativeBackend | null {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as NativeBackend) : null;
}

/** A tensor of TensorFlow.js over a native handle that nothing else owns yet; whoever disposes it frees the handle. */
export function wrapNative(backend: NativeBackend, { id, shape, dtype }: NativeTensor, as: tf.DataType): tf.Tensor {
  const dataId = {};
  backend.tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: as }, backend);
}

/** The number of a tensor's native handle, which is made now where no op has needed it yet. */
export function nativeId(backend: NativeBackend, tensor: tf.TensorInfo): number {
  return backend.getInputTensorIds([tensor])[0]!;
}

/** A second tensor with the same values and a native handle of its own; the values are not copied. */
export function alias(backend: NativeBackend, tensor: tf.TensorInfo): tf.Tensor {
  const id = nativeId(backend, tensor);
  return wrapNative(backend, aliasOf(backend.binding, id, backend.tensorMap.get(tensor.dataId).dtype), tensor.dtype);
}

/** A second native tensor of the same values, which are not copied. */
export function aliasOf(binding: NativeBinding, id: number, dtype: number): NativeTensor {
  const attrs = [{ name: 'T', type: binding.TF_ATTR_TYPE, value: dtype }];
  return binding.executeOp('Identity', attrs, [id], 1)[0]!;
}

/** bfloat16's number among TensorFlow's data types; the binding has no constant for it. */
export const DT_BFLOAT16 = 14;
