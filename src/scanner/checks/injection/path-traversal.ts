import { Verbatim } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import { echoes, type Probe } from './common/echo.ts';
import { overPlaces, type Target } from './common/targets.ts';
import { named, wordsOf } from './common/words.ts';
import { ESCAPES, KNOWN_FILES, type KnownFile, OWN_FILES } from './files/known-files.ts';

/** Places whose values often name a file. */
const LIKELY: ReadonlySet<string> = new Set([
  ...[
    'file',
    'filename',
    'path',
    'filepath',
    'name',
    'document',
    'doc',
    'template',
    'page',
    'key',
    'folder',
    'dir',
    'directory',
  ],
  ...[
    'lang',
    'language',
    'locale',
    'theme',
    'image',
    'img',
    'photo',
    'attachment',
    'download',
    'resource',
    'include',
    'view',
  ],
  ...['module', 'report', 'log', 'backup', 'export', 'src', 'source', 'location', 'asset', 'layout', 'style', 'config'],
]);
const SERVING: ReadonlySet<string> = new Set([
  'file',
  'download',
  'document',
  'asset',
  'static',
  'image',
  'attachment',
  'media',
  'export',
  'report',
  'content',
]);

export const check: Check = {
  id: 'path-traversal',
  group: 'injection',
  title: 'Path traversal',
  practice: 'validate',
  cwe: 'CWE-22',
  owasp: 'API8:2023',
  severity: 'critical',
  why: 'A value of the request becomes part of the path of a file. Callers read files that were never meant for them: configuration, keys, passwords, the code itself.',
  mend: 'Look files up by an id in a table; where a name must come from outside, resolve the path and refuse what does not lie within the folder. In the contract, give the value a pattern without slashes, backslashes and "..".',
  async run(context) {
    // A path that is written or deleted by is never led out of its folder.
    await overPlaces(
      context,
      ({ reads, ground }) => reads && !ground.login,
      async (target) => await attack(context, target),
    );
  },
};

async function attack(context: CheckContext, target: Target): Promise<void> {
  const likely = isLikely(target);
  for (const file of KNOWN_FILES) {
    for (const [index, written] of ESCAPES.entries()) {
      if (!likely && (index > 0 || !file.common)) continue;
      if (await reads(context, target, file, written(file.path))) return;
      // A check of the ending, fooled by NUL; only where an ending is there.
      const ending = /\.[a-z0-9]{1,5}$/i.exec(target.text)?.[0];
      if (likely && index === 0 && ending && (await reads(context, target, file, `${written(file.path)}\0${ending}`)))
        return;
    }
    if (likely && file.common && (await reads(context, target, file, `file://${file.path}`))) return;
  }
  if (!likely) return;
  for (const file of OWN_FILES) {
    for (let depth = 1; depth <= 3; depth++) {
      if (await reads(context, target, file, `${'../'.repeat(depth)}${file.path}`)) return;
    }
  }
}

async function reads(context: CheckContext, target: Target, file: KnownFile, path: string): Promise<boolean> {
  const { operation, label, place } = target;
  const value = place.in === 'path' ? new Verbatim(inPath(path)) : path;
  const make = (): Probe => ({
    value,
    shown: (exchange) => {
      if (exchange.answer.status < 200 || exchange.answer.status > 299) return undefined;
      return file.content.exec(exchange.answer.text.slice(0, 100_000))?.[0].slice(0, 80);
    },
  });
  return await echoes(
    context,
    target,
    `${operation.key} opens the file that ${label} names, wherever it is: it gave ${file.what}`,
    make,
  );
}

/** Slashes of a path parameter must not be segments of the target; what is encoded already stays. */
const inPath = (path: string): string => encodeURIComponent(path).replaceAll('%25', '%').replaceAll('.', '%2e');

function isLikely({ place, text, ground, operation }: Target): boolean {
  if (named(place, LIKELY) || /^[^\s/\\]{1,80}\.[a-z][a-z0-9]{1,4}$/i.test(text)) return true;
  if (place.in === 'header' || place.in === 'cookie') return false;
  const serves = wordsOf(operation.template.replace(/\{[^}]*\}/g, ' ')).some(
    (part) => SERVING.has(part) || (part.endsWith('s') && SERVING.has(part.slice(0, -1))),
  );
  const { mediaType } = ground.sample.exchange.answer;
  return serves || (mediaType !== '' && !/json|html|xml|event-stream/.test(mediaType));
}
