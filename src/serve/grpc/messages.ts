import protobuf from 'protobufjs/light.js';

/**
 * The messages of the Open Inference Protocol's gRPC service as far as they are served: published names and numbers of
 * `grpc_service.proto` and `model_config.proto`. `*` is a list, `map` one from text.
 */
const DESCRIPTION: Record<string, Record<string, string>> = {
  Empty: {},
  ServerLiveResponse: { live: 'bool 1' },
  ReadyResponse: { ready: 'bool 1' },
  ModelRequest: { name: 'string 1', version: 'string 2' },
  ServerMetadataResponse: { name: 'string 1', version: 'string 2', extensions: 'string* 3' },
  TensorMetadata: { name: 'string 1', datatype: 'string 2', shape: 'int64* 3' },
  ModelMetadataResponse: {
    name: 'string 1',
    versions: 'string* 2',
    platform: 'string 3',
    inputs: 'TensorMetadata* 4',
    outputs: 'TensorMetadata* 5',
  },
  InferParameter: {
    boolParam: 'bool 1',
    int64Param: 'int64 2',
    stringParam: 'string 3',
    doubleParam: 'double 4',
    uint64Param: 'uint64 5',
  },
  InferTensorContents: {
    intContents: 'int32* 2',
    uintContents: 'uint32* 4',
    fp32Contents: 'float* 6',
    bytesContents: 'bytes* 8',
  },
  InferInputTensor: {
    name: 'string 1',
    datatype: 'string 2',
    shape: 'int64* 3',
    parameters: 'map InferParameter 4',
    contents: 'InferTensorContents 5',
  },
  InferRequestedOutputTensor: { name: 'string 1', parameters: 'map InferParameter 2' },
  ModelInferRequest: {
    modelName: 'string 1',
    modelVersion: 'string 2',
    id: 'string 3',
    parameters: 'map InferParameter 4',
    inputs: 'InferInputTensor* 5',
    outputs: 'InferRequestedOutputTensor* 6',
    rawInputContents: 'bytes* 7',
  },
  ModelInferResponse: {
    modelName: 'string 1',
    modelVersion: 'string 2',
    id: 'string 3',
    parameters: 'map InferParameter 4',
    outputs: 'TensorMetadata* 5',
    rawOutputContents: 'bytes* 6',
  },
  ModelStreamInferResponse: { errorMessage: 'string 1', inferResponse: 'ModelInferResponse 2' },
  ModelInputTensor: { name: 'string 1', dataType: 'int32 2', dims: 'int64* 4', optional: 'bool 8' },
  ModelOutputTensor: { name: 'string 1', dataType: 'int32 2', dims: 'int64* 3' },
  ModelConfig: {
    name: 'string 1',
    platform: 'string 2',
    maxBatchSize: 'int32 4',
    input: 'ModelInputTensor* 5',
    output: 'ModelOutputTensor* 6',
    backend: 'string 17',
  },
  ModelConfigResponse: { config: 'ModelConfig 1' },
  StatisticDuration: { count: 'uint64 1', ns: 'uint64 2' },
  InferStatistics: {
    success: 'StatisticDuration 1',
    fail: 'StatisticDuration 2',
    queue: 'StatisticDuration 3',
    computeInput: 'StatisticDuration 4',
    computeInfer: 'StatisticDuration 5',
    computeOutput: 'StatisticDuration 6',
    cacheHit: 'StatisticDuration 7',
    cacheMiss: 'StatisticDuration 8',
  },
  InferBatchStatistics: {
    batchSize: 'uint64 1',
    computeInput: 'StatisticDuration 2',
    computeInfer: 'StatisticDuration 3',
    computeOutput: 'StatisticDuration 4',
  },
  ModelStatistics: {
    name: 'string 1',
    version: 'string 2',
    lastInference: 'uint64 3',
    inferenceCount: 'uint64 4',
    executionCount: 'uint64 5',
    inferenceStats: 'InferStatistics 6',
    batchStats: 'InferBatchStatistics* 7',
  },
  ModelStatisticsResponse: { modelStats: 'ModelStatistics* 1' },
  RepositoryIndexRequest: { repositoryName: 'string 1', ready: 'bool 2' },
  ModelIndex: { name: 'string 1', version: 'string 2', state: 'string 3', reason: 'string 4' },
  RepositoryIndexResponse: { models: 'ModelIndex* 1' },
  RepositoryParameter: { boolParam: 'bool 1', int64Param: 'int64 2', stringParam: 'string 3', bytesParam: 'bytes 4' },
  RepositoryModelRequest: {
    repositoryName: 'string 1',
    modelName: 'string 2',
    parameters: 'map RepositoryParameter 3',
  },
};

/** Fields of which one at most is set. */
const ONE_OF = new Set(['InferParameter', 'RepositoryParameter']);

const root = new protobuf.Root();
const types = new Map(Object.entries(DESCRIPTION).map(([name, fields]) => [name, typeOf(name, fields)]));

function typeOf(name: string, fields: Record<string, string>): protobuf.Type {
  const type = new protobuf.Type(name);
  for (const [field, text] of Object.entries(fields)) {
    const [kind, number] = text.replace('map ', '').split(' ') as [string, string];
    if (text.startsWith('map ')) type.add(new protobuf.MapField(field, Number(number), 'string', kind));
    else if (kind.endsWith('*')) type.add(new protobuf.Field(field, Number(number), kind.slice(0, -1), 'repeated'));
    else type.add(new protobuf.Field(field, Number(number), kind));
  }
  if (ONE_OF.has(name)) type.add(new protobuf.OneOf('value', Object.keys(fields)));
  root.add(type);
  return type;
}

/** Bytes of a message; fields of other names are left out. */
export function encode(type: string, message: object): Buffer {
  const known = types.get(type)!;
  return Buffer.from(known.encode(known.fromObject(message)).finish());
}

/**
 * A message out of bytes. Whole numbers of 64 bits are text in digits, lists and maps are there where they are empty, a field of one message
 * is undefined where it is not set.
 */
export function decode<T>(type: string, bytes: Buffer): T {
  const known = types.get(type)!;
  return known.toObject(known.decode(bytes), { longs: String, arrays: true, objects: true }) as T;
}
