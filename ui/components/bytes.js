/**
 * The bytes of a text in base64.
 *
 * @param {string} text
 */
export const bytesOf = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/**
 * The numbers of two bytes each, the lower byte first, of a text in base64.
 *
 * @param {string} text
 */
export const wordsOf = (text) => new Uint16Array(bytesOf(text).buffer);
