/**
 * Every error that gearnn raises on purpose, by its stable code. docs/errors.md lists the same codes; a test holds both together.
 */
export const ERROR_CODES = {
  E_ADAPTOR: 'An adaptor folder is missing, incomplete or not one that this version of gearnn reads.',
  E_ADAPTOR_BASE_MISMATCH: 'An adaptor was trained on another base than the one it is loaded on.',
  E_ADAPTOR_CLASSES: 'An adaptor and its base have different classes.',
  E_ADAPTOR_LEVEL: 'No adaptor of the level asked for is loaded.',
  E_ADAPTOR_SHAPE: 'An adaptor holds a tensor that the base does not have, or has with another shape.',
  E_CALIBRATE: 'There are too few frames to calibrate by, or adaptors were trained on them.',
  E_CALIBRATION: 'The file that says which adaptors serve is damaged, or of another version of gearnn.',
  E_CHECKPOINT: 'A checkpoint folder is missing, incomplete or not one that this version of gearnn reads.',
  E_CHECKPOINT_CLASSES: 'A checkpoint and the dataset or list beside it have different numbers of classes.',
  E_COMPILE_CAPTURE: 'A compiled function uses a tensor from outside that is neither an input nor a variable.',
  E_COMPILE_NESTED: 'A compiled function calls another one, or a SavedModel.',
  E_COMPILE_RANDOM: 'A compiled function draws random numbers in JavaScript, which would be frozen.',
  E_COMPILE_READ: 'A compiled function reads the data of a tensor.',
  E_COMPILE_RESULT: 'A compiled function returns something other than a tensor, a list or a record of tensors.',
  E_COMPILE_VARIABLE: 'A compiled function makes new variables on every call, or assigns one that is folded.',
  E_DATA_BOX: 'A box has no width or height, or lies outside its picture.',
  E_DATA_CLOSED: 'Batches were asked for, or awaited, from a loader that has been closed.',
  E_DATA_COCO: "A file is not JSON of COCO's format, or an annotation in it is wrong.",
  E_DATA_DESCRIPTION: 'A dataset.json is not JSON, or a field in it is missing or wrong.',
  E_DATA_LABEL: 'A label map holds an id that no class has.',
  E_DATA_LIST: 'A list file is missing or empty, or holds a line that is not an image path and a label path.',
  E_DATA_MASK: 'A mask is not written as run lengths or polygons of its picture.',
  E_DATA_MISSING: 'An image or label file that a dataset lists is not there.',
  E_DATA_PROBLEMS: 'A check of a dataset found problems, and has listed them.',
  E_DATA_ROOT: 'The folder of a dataset is missing, or does not have the layout of its kind.',
  E_DATA_SAMPLE: 'A sample was asked for that the split does not have.',
  E_DATA_SIZE: 'A label map and its image differ in size, or the images of one batch, measurement or comparison do.',
  E_DATA_SPEC: 'A dataset was named in a way that no kind of dataset understands.',
  E_DATA_SPLIT: 'A dataset has no split of that name.',
  E_DATA_TASK:
    'Data are labelled for another task than is asked for: a class for every pixel, or one for the whole image.',
  E_DATA_WORKER: 'A thread that decodes images stopped unexpectedly.',
  E_DISK_ERROR: 'A device under a file fails, or a network folder went away.',
  E_DISK_FULL: 'The disk is full, or the quota on it is used up.',
  E_DISTORT_DAMAGED: 'A distorted dataset has files that are missing, changed or out of date.',
  E_DISTORT_FOLDER: 'A folder to distort into cannot be written, is full, or holds another dataset.',
  E_DISTORT_LEVEL: 'A level of distortion is not written as one, or has a value outside its range.',
  E_DISTORT_PATH:
    "A dataset's file cannot keep its path in the distorted copy: another takes it, or it lies outside the folder.",
  E_DISTORT_SEQUENCE:
    'A level that codes whole sequences of frames was asked for on pictures that are none, or one by one.',
  E_DISTORT_SIZE: 'An image is smaller than the resolution that it is to be scaled down to.',
  E_ENGINE_CACHE: 'The folder that engines are kept in cannot be read or written.',
  E_ENGINE_CHECKSUM: 'A file of a wheel, or a download, has another content than its SHA-256 names.',
  E_ENGINE_COMPILE: "The compiler could not build TensorFlow's binding for Node.",
  E_ENGINE_COMPILER: 'There is no C++ compiler on the PATH.',
  E_ENGINE_DAMAGED: 'Files of an installed engine are missing or have changed.',
  E_ENGINE_DISK: 'The disk has too little space to install an engine, or filled up meanwhile.',
  E_ENGINE_DOWNLOAD: 'pip could not fetch a wheel, for a reason other than the network, the version or the disk.',
  E_ENGINE_LOAD: 'An installed engine cannot be loaded by this Node on this machine.',
  E_ENGINE_LOCKED: 'Another installation has been under way for too long.',
  E_ENGINE_MISSING: 'The engine asked for is not installed.',
  E_ENGINE_NETWORK: 'The package index could not be reached.',
  E_ENGINE_PACKAGE: 'The npm package with the binding can be had neither from node_modules nor from the registry.',
  E_ENGINE_PIP: 'Python has no pip, or one that is too old.',
  E_ENGINE_PLATFORM: 'There is no TensorFlow to install for this kind of machine.',
  E_ENGINE_PRECISION: 'The engine or the processor does not compute in bf16.',
  E_ENGINE_PYTHON: 'There is no Python 3 on the PATH.',
  E_ENGINE_START: 'An engine does not start.',
  E_ENGINE_STARTED: 'An engine runs already, with an option that cannot change any more in this process.',
  E_ENGINE_VERSION: 'There is no such version of TensorFlow for this machine.',
  E_ENGINE_WHEEL: 'A file is not a whole wheel of TensorFlow for this machine.',
  E_EVAL_CLASSES: 'A network and the data to score it on have different numbers of classes.',
  E_EVAL_COUNTS: 'A file of counts per image is damaged.',
  E_EVAL_FOLDER: 'A folder of predictions or labels is missing or holds no label maps.',
  E_EVAL_ID: 'A prediction or label map holds an id that is no class.',
  E_EVAL_MISSING: 'A label map has no prediction of the same name.',
  E_EVAL_RESULTS: "A file of results is not one of COCO's format, or a result in it is wrong.",
  E_EVAL_SIZE: 'A prediction and its label map differ in size.',
  E_FILES_OPEN: 'As many files are open as the process, or the system, may have.',
  E_FILE_ACCESS: 'A file or folder may not be read or written: its permissions, or a file system for reading only.',
  E_FILE_BUSY: 'A file or folder is in use by another program.',
  E_FILE_DEVICE: 'A file cannot be moved to its place, which is on another file system.',
  E_FILE_KIND: 'A path leads to a file in the place of a folder, to a folder in that of a file, or to neither.',
  E_FILE_LOOP: 'Symbolic links lead to each other.',
  E_FILE_MISSING: 'A path leads to nothing.',
  E_FILE_NAME: 'A path is longer than the system takes, or holds characters that it refuses.',
  E_FILE_SIZE: 'A file is, or would be, larger than the system allows.',
  E_FILE_TAKEN: 'A place for something new is taken.',
  E_FREQUENCY: 'A frequency response to compare with is missing or damaged.',
  E_IMAGE_DECODE: 'An image file is damaged, ends early or is no image.',
  E_IMAGE_LABELS: 'A label PNG holds colours, or ids above 255, instead of one class id per pixel.',
  E_INFER: 'Some of the images to infer could not be answered; each is named above.',
  E_INFER_PIXELS: 'An image or frame to infer has more pixels than the limit.',
  E_MEMORY: 'The system has no memory left.',
  E_MODEL_NAME: 'No network has the name asked for.',
  E_ONNX_EXTERNAL: 'A weight of an ONNX file lies in another file that is missing, too short, or outside its folder.',
  E_ONNX_FILE: 'An ONNX file is damaged, larger than 2 GB, or holds something that gearnn does not read.',
  E_ONNX_GRAPH: 'The nodes of an ONNX file wait for each other, or name a value that nothing makes.',
  E_ONNX_INPUT: 'An input of an ONNX network is missing or unknown, or has another type or shape.',
  E_ONNX_NODE: 'A node of an ONNX file has inputs or attributes that its operation cannot take.',
  E_ONNX_OPS: 'An ONNX file has operations that gearnn lacks; all of them are named.',
  E_ONNX_PATCH: 'A patch of an ONNX file is of another file, or not one that gearnn export has written.',
  E_ONNX_QUANTIZED: 'An ONNX file holds a network that was quantized to whole numbers.',
  E_ONNX_SIZE: 'A tensor of an ONNX network would have a negative size, or too many values.',
  E_OUT_EXISTS: 'Results are there already, and --force was not given.',
  E_PIPELINE_CONFIG: 'The config of an experiment is missing, or a field in it is missing or wrong.',
  E_PIPELINE_LEASE_LOST:
    'Another one makes the result of a step, as this one did not say for too long that it is at work.',
  E_PIPELINE_LOCKED: 'Another run of experiments writes to the same folder, and does not come to an end with that.',
  E_PIPELINE_OTHER_STEP:
    'A step that has come from elsewhere is another one here, by its version, its data or its base.',
  E_PIPELINE_RATES: 'No learning rate that was tried kept the loss finite.',
  E_PIPELINE_RECORD: 'A line in the record of an experiment is damaged, or of another version of gearnn.',
  E_PIPELINE_STEP: 'A step of an experiment failed; its cause says why.',
  E_PIPELINE_STORE: 'A bucket or the store of results cannot be reached, or does not take what is to be written.',
  E_QUEUE_ACCESS: 'Redis refuses the user, the password or the number of the database.',
  E_QUEUE_CONNECT: 'No Redis server answers at the address of the queue.',
  E_QUEUE_PACKAGE: 'The optional packages of the queue, bullmq and ioredis, are missing or do not load.',
  E_QUEUE_STEP: 'A step failed on every worker that tried it; the error names them and has what they printed.',
  E_QUEUE_STORE: 'A worker has finished a step whose result is not in the store of the run.',
  E_QUEUE_URL: 'The address of a queue is none that can be read.',
  E_REPORT_RESULTS: 'A results file is missing or not one that this version of gearnn reads.',
  E_SAFETENSORS: 'A safetensors file is damaged, or holds a type of number that gearnn does not read.',
  E_SERVE_AUTH: 'A request to the server carries no bearer token, or a wrong one.',
  E_SERVE_BODY: "The body of a request is longer than the server's limit.",
  E_SERVE_BUSY: 'The queue of the server is full.',
  E_SERVE_DEADLINE: 'A request was not answered before its deadline.',
  E_SERVE_ENCODING: 'The body of a request is compressed in a way that the server does not read, or damaged.',
  E_SERVE_ENGINE: "The server's engine process is starting, has ended or hangs; it is started again.",
  E_SERVE_FORMAT: 'An encoded image is none of those that the server reads: JPEG, PNG and WebP.',
  E_SERVE_HTTP: 'A request is not HTTP as the server reads it.',
  E_SERVE_INTERNAL: 'The server failed in a way that it does not know; its log says more.',
  E_SERVE_LEFT: 'A client left before its request was answered.',
  E_SERVE_LISTEN: 'The server cannot listen on the address and port asked for.',
  E_SERVE_METHOD: 'A page of the server does not take requests of this method.',
  E_SERVE_MODEL: 'The server has no network or adaptor of that name, or it is not loaded.',
  E_SERVE_PIXELS: "An image has more pixels than the server's limit.",
  E_SERVE_REQUEST: 'A field, header or parameter of a request is missing or wrong.',
  E_SERVE_RIGHT: 'The bearer token of a request allows other things than it asks for.',
  E_SERVE_ROUTE: 'The server has no page of that address.',
  E_SERVE_STOPPING: 'The server is shutting down and takes no new work.',
  E_SERVE_TIMEOUT: 'A request arrived too slowly.',
  E_SERVE_UNAVAILABLE:
    'A network that the server is to serve cannot be loaded for now; the server tries again by itself.',
  E_SHAPE: 'A tensor or array has a shape that the operation cannot take.',
  E_SPLIT: 'A split or sensitivity file is missing or not one that this version of gearnn reads.',
  E_SPLIT_BUDGET: 'A budget is neither a number of parameters nor a percentage.',
  E_SPLIT_KNAPSACK: 'An item or the capacity of a knapsack problem is negative or not a number.',
  E_SPLIT_STATE: 'Two networks to compare for a split have different tensors, or values that are not finite.',
  E_STATE: 'The tensors of a file are not those of the network: names are missing or unknown, or shapes differ.',
  E_SYSTEM: 'The operating system refused something, for a reason that has no code of its own here.',
  E_TEXT: 'A file that is read as text is in another encoding than UTF-8.',
  E_TFJS_FILE:
    'A model.json of TensorFlow.js or its weights are missing, damaged, or hold something that gearnn does not read.',
  E_TRAIN_DATA: 'The samples of a split do not fill one batch.',
  E_TRAIN_FROZEN: 'A tensor changed that training had to leave as it was.',
  E_TRAIN_LABELS: 'No pixel of the samples to train or validate on has the id of a class.',
  E_TRAIN_LOG: 'A file to log a run to holds something else.',
  E_TRAIN_LOSS: 'The loss is not a finite number any more.',
  E_TRAIN_RESUME: 'The state of an interrupted run belongs to a run with other options.',
  E_TRAIN_SPLIT: 'A split does not fit the network or base that it is to adapt.',
  E_TRAIN_UNFINISHED: 'A folder holds a run that is not finished, and neither --resume nor --force was given.',
  E_UPSAMPLER: 'A file to import holds a learned upsampler where the network has the fixed bilinear one.',
  E_USAGE: 'A command or call was given an option it cannot use.',
  E_VIDEO_BROKEN:
    'A video ends early, is damaged, falls silent, or its connection broke; the frames that could be decoded were delivered.',
  E_VIDEO_OPEN: 'A video or stream cannot be opened: it is missing, out of reach, or no video.',
  E_VIDEO_PACKAGE: 'The optional package node-av, which reads and writes videos, is missing or does not load.',
  E_VIDEO_WRITE: 'A video cannot be written: a setting, a size or the place is wrong.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The codes that mean a wrong call, one that can never succeed as it is written; the CLI exits with 2 on these and with 1 on the rest. */
export const USAGE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'E_DATA_SPEC',
  'E_DATA_SPLIT',
  'E_DISTORT_LEVEL',
  'E_MODEL_NAME',
  'E_PIPELINE_CONFIG',
  'E_QUEUE_URL',
  'E_SPLIT_BUDGET',
  'E_USAGE',
]);

/** What went wrong: `where: expected EXPECTED, got GOT. TODO.` */
export interface ErrorParts {
  /** The place: an option, a file, a field path such as `distort.level`. */
  where: string;
  /** What would have been right. */
  expected: string;
  /** What came instead. */
  got: string;
  /** What the reader can do about it, as a full sentence. */
  todo?: string;
  cause?: unknown;
}

/** An error with a stable code, meant to be read by the person who can mend it. */
export class GearnnError extends Error {
  override readonly name = 'GearnnError';
  constructor(
    readonly code: ErrorCode,
    readonly parts: ErrorParts,
  ) {
    super(
      `${parts.where}: expected ${parts.expected}, got ${parts.got}.${parts.todo ? ` ${parts.todo}` : ''}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
  }
}

/** Throws a {@link GearnnError}; typed `never` so that it also narrows. */
export function fail(code: ErrorCode, parts: ErrorParts): never {
  throw new GearnnError(code, parts);
}
