/**
 * Text from an image is written by whoever made the image. Control characters could move the cursor or end a line,
 * bidirectional overrides could show another word than the one that is there (Unicode TR36, "Bidirectional Text
 * Spoofing"); they are shown as escapes.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

/** The same text with everything invisible or dangerous written out: `/bin/bash\r`, `\x1b[31m`, `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.charCodeAt(0);
    return SHORT[char] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
  });
}

/** A long text cut in the middle, so that both ends are seen. `width` in characters. */
export function shorten(text: string, width: number): string {
  if (text.length <= width || width < 8) return text;
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}
