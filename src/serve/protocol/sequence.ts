import type { AskedFrame } from './request.js';
import { shown, wrong } from './wrong.js';

/** Header, and key of gRPC's metadata, that names a frame's sequence where balancers can read it. */
export const SEQUENCE = 'x-gearnn-sequence';

/**
 * A frame in the sequence that its request's header names, unless its body names one.
 *
 * @throws E_SERVE_REQUEST for a header that is no name
 */
export function inSequence<Asked extends AskedFrame>(asked: Asked, header: string | string[] | undefined): Asked {
  if (header === undefined) return asked;
  if (Array.isArray(header) || header.length === 0 || header.length > 200)
    wrong(SEQUENCE, 'one name of 1 to 200 characters', shown(header));
  const { start = false, end = false } = asked.bounds ?? {};
  return { ...asked, sequence: asked.sequence ?? { id: header, start, end } };
}
