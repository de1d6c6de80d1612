const RANGE = /^(\*|[a-z0-9!#$&^_.+-]{1,60})\/(\*|[a-z0-9!#$&^_.+-]{1,60})$/;
const MOST = 40;

/**
 * Whether a client takes answers of `type` (RFC 9110, 12.5.1): the most specific range decides. A field that cannot be
 * read, or is not there, takes everything.
 */
export function accepts(field: string | undefined, type: string): boolean {
  const [main = '', sub = ''] = type.split('/');
  let closest = -1;
  let taken = false;
  let readable = false;
  for (const entry of (field ?? '').toLowerCase().split(',').slice(0, MOST)) {
    const [range = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const [, wantedMain, wantedSub] = RANGE.exec(range) ?? [];
    if (wantedMain === undefined) continue;
    readable = true;
    const closeness = Number(wantedMain === main) + Number(wantedSub === sub);
    if ((wantedMain !== '*' && wantedMain !== main) || (wantedSub !== '*' && wantedSub !== sub)) continue;
    if (closeness < closest) continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const wanted = quality === undefined || Number(quality.slice(2)) > 0;
    taken = closeness > closest ? wanted : taken || wanted;
    closest = closeness;
  }
  return taken || !readable;
}
