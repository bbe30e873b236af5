import { shown, wrong } from './wrong.js';

/** How JPEG, PNG and WebP begin in base64; none of them begins so as bytes. */
const IMAGE = /^\s*(?:[/_]9j[/_]|iVBORw0KGgo|UklGR)/;
const ADDRESS = /^\s*data:([^,]*),/i;

/** Whether text is an image in base64, or a `data:` address, rather than bytes. */
export function looksLikeBase64(text: string): boolean {
  return IMAGE.test(text) || ADDRESS.test(text);
}

/**
 * Bytes out of base64 as clients write it: of either alphabet, with line breaks, with or without padding, or as a `data:` address.
 *
 * @throws E_SERVE_REQUEST
 */
export function bytesOfBase64(text: string, where: string): Uint8Array {
  const address = ADDRESS.exec(text);
  if (address && !/;\s*base64\s*$/i.test(address[1]!)) wrong(where, 'a data: address in base64', shown(text));
  const digits = (address ? text.slice(address[0].length) : text).replace(/\s+/g, '');
  const [, body = '', padding = ''] = /^([^=]*)(=*)$/.exec(digits) ?? [];
  const isWhole = padding.length <= 2 && (padding === '' ? body.length % 4 !== 1 : digits.length % 4 === 0);
  // Node takes both alphabets, but throws nothing away silently only here.
  if (digits.length !== body.length + padding.length || !isWhole || !/^[A-Za-z0-9+/_-]*$/.test(body))
    wrong(where, 'base64', text.length === 0 ? '""' : shown(text));
  return Buffer.from(body, 'base64');
}
