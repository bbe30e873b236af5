import type { Logger } from 'pino';
import { fail } from '../common/errors.js';
import { settle } from '../common/outcome.js';
import { readText } from '../common/text-file.js';
import { type Access, type Right, RIGHTS, type Token } from './access.js';
import { Watching } from './watching.js';

/**
 * Reads a file of tokens: either one token, which allows everything, or on each line what a token allows and the token, `infer,metrics TOKEN`.
 * Empty lines and those that begin with `#` are left out.
 *
 * @throws E_USAGE
 */
export async function readTokens(file: string): Promise<Token[]> {
  const text = await readText(file).catch((cause: NodeJS.ErrnoException) =>
    fail('E_USAGE', {
      where: '--token-file',
      expected: 'a file that can be read',
      got: `${cause.code} for ${file}`,
      cause,
    }),
  );
  const word = text.trim();
  if (/^\S+$/.test(word)) return [{ token: word, rights: RIGHTS }];
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const kept = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (kept.length === 0) wrong('an empty file');
  return kept.map((line) => {
    const [rights = '', token, ...more] = line.split(/\s+/);
    const names = rights.split(',');
    // The line is not shown: it may be a token.
    if (token === undefined || more.length > 0)
      wrong(`a line of ${token === undefined ? 'one word' : 'several words'}`);
    if (!names.every((name) => (RIGHTS as readonly string[]).includes(name))) wrong('a line with another first word');
    return { token, rights: names as Right[] };
  });
}

/** Reads a file of tokens, and again whenever it has changed; one that is wrong then changes nothing. @throws E_USAGE */
export async function followTokens(
  file: string | undefined,
  access: Access,
  logger: Logger,
): Promise<Watching | undefined> {
  if (file === undefined) return undefined;
  const first = await readTokens(file);
  access.replace(first);
  let known = JSON.stringify(first);
  let fault: string | undefined;
  const following = new Watching(async () => {
    const tokens = await settle(() => readTokens(file));
    if (tokens instanceof Error) {
      if (fault !== tokens.message) logger.error({ reason: tokens.message }, 'tokens stay as they were');
      fault = tokens.message;
      return;
    }
    fault = undefined;
    if (JSON.stringify(tokens) === known) return;
    known = JSON.stringify(tokens);
    access.replace(tokens);
    logger.info({ tokens: tokens.length }, 'tokens read again');
  });
  following.start();
  return following;
}

function wrong(got: string): never {
  fail('E_USAGE', {
    where: '--token-file',
    expected: `one token without spaces, or lines of rights (${RIGHTS.join(', ')}) and a token, \`infer,metrics TOKEN\``,
    got,
    todo: 'Make a token with `openssl rand -hex 32`.',
  });
}
