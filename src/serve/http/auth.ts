import type { FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { fail } from '../../common/errors.js';

/**
 * Checks a request's bearer token in a time that says nothing about how much of it is right.
 *
 * @throws E_SERVE_AUTH
 */
export function checkToken(request: FastifyRequest, token: string): void {
  const header = request.headers.authorization;
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  // Hashes have one length, which the comparison needs and which hides the token's.
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return;
  fail('E_SERVE_AUTH', {
    where: 'authorization',
    expected: 'the bearer token of this server',
    got: header === undefined ? 'no such header' : 'another one',
    todo: 'Send "Authorization: Bearer TOKEN".',
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
