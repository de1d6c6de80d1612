const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a JSON object: valid UTF-8 without a byte order mark, and no member name twice at any depth, because two readers
 * would see two different tokens (RFC 7515, section 4; RFC 7519, section 4). Linear in the length.
 * @returns undefined for anything else
 */
export function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  let text: string;
  try {
    text = decoder.decode(bytes);
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return countNames(text) === countMembers(value) ? (value as Record<string, unknown>) : undefined;
}

/** Members as written: in valid JSON every colon outside of a string follows one name. */
function countNames(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a) count++;
    else if (code === 0x22) {
      for (i++; text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
    }
  }
  return count;
}

/** Members as read: fewer than written where a name came twice. Without recursion: a token may be nested deeply. */
function countMembers(root: object): number {
  let count = 0;
  const rest: object[] = [root];
  for (let value = rest.pop(); value !== undefined; value = rest.pop()) {
    const members: unknown[] = Object.values(value);
    if (!Array.isArray(value)) count += members.length;
    for (const member of members) if (member !== null && typeof member === 'object') rest.push(member);
  }
  return count;
}
