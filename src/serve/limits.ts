/** What a server takes on before it refuses. */
export interface Limits {
  /** Bytes of one request's body. */
  body: number;
  /** Pixels of one image. What its size costs in memory is docs/large-pictures.md. */
  pixels: number;
  /** Requests that wait for the engine. */
  queue: number;
  /** Bytes of the images that wait. */
  queueBytes: number;
  /** Frames of one size that run together at most. */
  batch: number;
  /** Milliseconds that the first frame of a batch waits for others while the engine is idle. */
  batchDelay: number;
  /** Seconds within which a request is answered; a client may ask for less. */
  deadline: number;
  /** Seconds after which an engine that does not answer counts as hung and is killed. */
  hang: number;
  /** Connections that are open at a time; further ones are closed at once. */
  connections: number;
  /** Seconds in which a whole request has to arrive, and in which a client has to take its whole answer. */
  transfer: number;
  /** Seconds after which a shutdown waits for nobody any more. */
  stop: number;
}

/** Pixels of an image that a server distorts at most: some kinds hold it several times over in floats, and none goes in tiles. */
export const DISTORT_PIXELS = 2 ** 23;

export const DEFAULT_LIMITS: Readonly<Limits> = {
  body: 32 * 2 ** 20,
  pixels: 2 ** 25,
  queue: 64,
  queueBytes: 256 * 2 ** 20,
  batch: 4,
  batchDelay: 2,
  deadline: 30,
  hang: 120,
  connections: 1000,
  transfer: 60,
  stop: 35,
};
