import { createHash, timingSafeEqual } from 'node:crypto';
import { fail } from '../common/errors.js';

/** What a token may allow: to have images answered, to load and unload, to read the figures. */
export const RIGHTS = ['infer', 'admin', 'metrics'] as const;
export type Right = (typeof RIGHTS)[number];

/** A bearer token, and what it allows. */
export interface Token {
  token: string;
  rights: readonly Right[];
}

/** Who may do what. */
export class Access {
  private known: readonly { digest: Buffer; rights: readonly Right[] }[] | undefined;

  /** @param tokens none at all: everybody may do everything */
  constructor(tokens: readonly Token[] | undefined) {
    this.replace(tokens);
  }

  replace(tokens: readonly Token[] | undefined): void {
    this.known = tokens?.map(({ token, rights }) => ({ digest: digest(token), rights }));
  }

  /**
   * Checks a bearer token in a time that says nothing about how much of it is right.
   *
   * @param header `Bearer TOKEN`
   * @param rights of which one is enough
   * @throws E_SERVE_AUTH for no token, or one that is not known; E_SERVE_RIGHT for one that allows other things
   */
  require(header: string | undefined, rights: readonly Right[]): void {
    if (this.known === undefined) return;
    const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
    // Hashes have one length, which the comparison needs and which hides the token's; all are compared.
    const own = given === undefined ? undefined : digest(given);
    const [found] = this.known.filter((one) => own !== undefined && timingSafeEqual(own, one.digest));
    if (!found) {
      fail('E_SERVE_AUTH', {
        where: 'authorization',
        expected: 'the bearer token of this server',
        got: header === undefined ? 'no such header' : 'another one',
        todo: 'Send "Authorization: Bearer TOKEN".',
      });
    }
    if (rights.some((right) => found.rights.includes(right))) return;
    fail('E_SERVE_RIGHT', {
      where: 'authorization',
      expected: `a token for ${rights.join(' or ')}`,
      got: `one for ${found.rights.join(', ')}`,
      todo: 'Send another one.',
    });
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
