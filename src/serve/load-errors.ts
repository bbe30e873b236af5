import { GearnnError } from '../common/errors.js';

/** What the files of a network or adaptor fail with by a name of its own. */
const KNOWN = /^E_(SERVE_|ADAPTOR|CHECKPOINT|MODEL_NAME|SAFETENSORS|STATE|UPSAMPLER)/;

/** Whether a call failed as the engine process is not there, or ended under it. */
export function isEngineEnd(error: Error): boolean {
  return error instanceof GearnnError && error.code === 'E_SERVE_ENGINE';
}

/** What loading failed with as an error of its item: the system's errors (EACCES, EIO, ...) are no faults of the server. */
export function loadError(name: string, error: Error): GearnnError {
  if (error instanceof GearnnError && KNOWN.test(error.code)) return error;
  return new GearnnError(name.includes(':') ? 'E_ADAPTOR' : 'E_CHECKPOINT', {
    where: name,
    expected: 'files that can be loaded',
    got: error.message,
    cause: error,
  });
}

export function adaptorError(name: string, got: string): GearnnError {
  return new GearnnError('E_ADAPTOR', { where: name, expected: 'the folder of the adaptor', got });
}

/** A network that is to be served, but cannot be loaded for now. */
export function unavailable(name: string, reason: Error): GearnnError {
  return new GearnnError('E_SERVE_UNAVAILABLE', {
    where: `network "${name}"`,
    expected: 'one that can be loaded',
    got: `a failure (${reason.message})`,
    todo: 'The server tries again by itself.',
    cause: reason,
  });
}
