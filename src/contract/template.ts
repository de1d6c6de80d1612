/** A segment of a path template: fixed text, one parameter, or text with parameters in it (`report.{format}`). */
export type TemplateSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | {
      readonly kind: 'partial';
      /** Text before, between and after the parameters: one more than there are names; decoded. */
      readonly literals: readonly string[];
      readonly names: readonly string[];
    };

export interface Template {
  readonly segments: readonly TemplateSegment[];
  /** Parameter names in order. */
  readonly names: readonly string[];
}

/** Why a template cannot be read. */
export interface TemplateProblem {
  readonly message: string;
  readonly mend: string;
}

const MAX_SEGMENTS = 100;

/**
 * Reads a path template (OpenAPI, Path Templating): `/a/{b}/c.{d}`. Literals are percent-decoded, since the router
 * sees decoded segments; `/` is one empty segment, a trailing slash an empty one at the end.
 */
export function parseTemplate(template: string): Template | TemplateProblem {
  if (!template.startsWith('/')) return { message: "does not begin with '/'", mend: "begin it with '/'" };
  const segments: TemplateSegment[] = [];
  const names: string[] = [];
  for (const text of splitSegments(template.slice(1))) {
    const segment = parseSegment(text);
    if ('message' in segment) return segment;
    segments.push(segment);
    if (segment.kind === 'parameter') names.push(segment.name);
    else if (segment.kind === 'partial') names.push(...segment.names);
  }
  if (segments.length > MAX_SEGMENTS) {
    return { message: `has more than ${MAX_SEGMENTS} segments`, mend: 'shorten it' };
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    return { message: `names the parameter '${twice}' twice`, mend: 'give each parameter its own name' };
  }
  return { segments, names };
}

/** The names of a template's parameters, in the order of `Match.values`. */
export function templateNames(template: string): readonly string[] {
  const parsed = parseTemplate(template);
  return 'names' in parsed ? parsed.names : [];
}

/** The same for all templates that match the same paths: parameters without their names. */
export function templateShape(template: Template): string {
  const parts = template.segments.map((segment) => {
    if (segment.kind === 'literal') return JSON.stringify(segment.text);
    return segment.kind === 'parameter' ? '{}' : JSON.stringify(segment.literals);
  });
  return parts.join('/');
}

/** Splits at slashes outside of braces: a slash inside is a mistake that `parseSegment` names. */
function splitSegments(text: string): string[] {
  const segments: string[] = [];
  let start = 0;
  let inside = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{') inside = true;
    else if (char === '}') inside = false;
    else if (char === '/' && !inside) {
      segments.push(text.slice(start, at));
      start = at + 1;
    }
  }
  segments.push(text.slice(start));
  return segments;
}

function parseSegment(text: string): TemplateSegment | TemplateProblem {
  const literals: string[] = [];
  const names: string[] = [];
  let rest = text;
  for (;;) {
    const open = rest.indexOf('{');
    const before = open < 0 ? rest : rest.slice(0, open);
    if (before.includes('}')) return { message: "has a '}' without '{'", mend: 'write a parameter as {name}' };
    literals.push(decode(before));
    if (open < 0) break;
    const close = rest.indexOf('}', open);
    if (close < 0) return { message: "has a '{' without '}'", mend: 'write a parameter as {name}' };
    const name = rest.slice(open + 1, close);
    if (name === '' || name.includes('{') || name.includes('/')) {
      return { message: `has a parameter with the name '${name}'`, mend: 'write a parameter as {name}' };
    }
    names.push(name);
    rest = rest.slice(close + 1);
  }
  if (names.length === 0) return { kind: 'literal', text: literals[0]! };
  if (names.length === 1 && literals[0] === '' && literals[1] === '') return { kind: 'parameter', name: names[0]! };
  return { kind: 'partial', literals, names };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Splits a decoded segment by a partial template. A parameter takes at least one character. Where the segment can be
 * split in more than one way (`{a}-{b}` and `x-y-z`), it does not match: the API behind could read it the other way.
 *
 * @returns the values in order; undefined where it does not match.
 */
export function splitPartial(literals: readonly string[], segment: string): string[] | undefined {
  const first = literals[0]!;
  const last = literals[literals.length - 1]!;
  const end = segment.length - last.length;
  if (end <= first.length || !segment.startsWith(first) || !segment.endsWith(last)) return undefined;
  if (literals.length === 2) return [segment.slice(first.length, end)];
  // Leftmost positions from the left, rightmost from the right: the split is unique when they are the same.
  const left: number[] = [];
  let at = first.length;
  for (let i = 1; i < literals.length - 1; i++) {
    const found = segment.indexOf(literals[i]!, at + 1);
    if (found < 0 || found + literals[i]!.length >= end) return undefined;
    left.push(found);
    at = found + literals[i]!.length;
  }
  let right = end;
  for (let i = literals.length - 2; i > 0; i--) {
    const literal = literals[i]!;
    const found = segment.lastIndexOf(literal, right - 1 - literal.length);
    if (found !== left[i - 1]) return undefined;
    right = found;
  }
  const values: string[] = [];
  at = first.length;
  for (let i = 0; i < left.length; i++) {
    values.push(segment.slice(at, left[i]));
    at = left[i]! + literals[i + 1]!.length;
  }
  values.push(segment.slice(at, end));
  return values;
}
