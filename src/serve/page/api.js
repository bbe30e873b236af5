/** What the server answered instead of what was asked for; status 0: nothing at all. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {number} retryAfter seconds
   */
  constructor(status, code, message, retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get passes() {
    return this.status === 0 || this.status === 503 || this.status === 504;
  }
}

/** Kept in memory only: gone with the page. */
let token = '';

/** @param {string} text */
export function useToken(text) {
  token = text;
}

/** Whether one was given. */
export function hasToken() {
  return token !== '';
}

/**
 * One request to the server that the page came from.
 *
 * @param {string} path
 * @param {{ body?: BodyInit, method?: string, accept?: string, signal?: AbortSignal }} [options]
 * @returns {Promise<Response>} a status of 200
 * @throws {ApiError}
 */
export async function call(path, { body, method, accept, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (token !== '') headers['authorization'] = `Bearer ${token}`;
  if (accept !== undefined) headers['accept'] = accept;
  const response = await fetch(path, { method: method ?? (body === undefined ? 'GET' : 'POST'), body, headers, signal })
    // An abort is no fault of the server.
    .catch((error) => {
      if (signal?.aborted) throw error;
      throw new ApiError(0, '', 'The server cannot be reached.', 0);
    });
  if (response.ok) return response;
  const { error = response.statusText, code = '' } = await response.json().catch(() => ({}));
  throw new ApiError(response.status, String(code), String(error), Number(response.headers.get('retry-after')) || 0);
}

/**
 * What to tell people about a request that failed.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function explain(error) {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const { status, message } = error;
  if (status === 0) return message;
  if (status === 401) return 'This server asks for a token.';
  if (status === 413) return `The image is larger than this server takes: ${message}`;
  if (status === 415 || status === 400) return `The server cannot read this: ${message}`;
  if (status === 503) return `The server is busy or starting: ${message}`;
  if (status === 504) return `The server took too long: ${message}`;
  return `The server answered ${status}: ${message}`;
}
