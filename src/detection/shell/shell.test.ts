import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SENSITIVITIES, type Source, somewhere } from '../classes/class.ts';
import { commandInjection } from '../classes/command-injection.ts';
import { shellshock } from '../classes/shellshock.ts';
import { featuresOf } from '../features.ts';
import { Judge } from '../judge.ts';
import { benignValues } from '../testing/benign.ts';
import { COMMAND_INJECTION } from '../testing/cases/command-injection.ts';
import { SHELLSHOCK } from '../testing/cases/shellshock.ts';
import { corporaMissing, httpParams, libinjection, payloads } from '../testing/corpora.ts';
import { FRIENDLY } from './friendly.ts';
import { globsToProgram } from './programs.ts';
import { searchShell, shellSteps } from './search.ts';
import { WordReader } from './words.ts';

const CLASSES = [commandInjection, shellshock];
const judges = Object.fromEntries(SENSITIVITIES.map((level) => [level, new Judge(CLASSES, level)])) as Record<
  (typeof SENSITIVITIES)[number],
  Judge
>;
const QUERY = somewhere('query');
const BODY = somewhere('body');
const found = (text: string, source: Source = 'body') => judges.default.find(text, somewhere(source));

describe('words of a shell', () => {
  const read = (text: string): string => {
    const words = new WordReader();
    words.reset(text);
    words.read(0, text.length);
    return words.value;
  };

  it('are what programs get', () => {
    const words: [string, string][] = [
      ["c'a't x", 'cat'],
      ['c"a"t', 'cat'],
      ['wh$@oami', 'whoami'],
      ['wh``oami', 'whoami'],
      ['who$(echo am)i', 'whoami'],
      ['w^h^o', 'who'],
      ["$'\\x63\\141t'", 'cat'],
      [`\${PATH:0:1}etc`, '/etc'],
      [`cat\${IFS}/x`, 'cat'],
      ['{ls,-l}', 'ls'],
      ["'a b' c", 'a b'],
      ['a;b', 'a'],
      ["id'", 'id'],
      ['id\\n', 'id'],
      ['%COMSPEC%', 'cmd.exe'],
    ];
    for (const [text, value] of words) assert.equal(read(text), value, text);
  });

  it('stand for programs by their globs', () => {
    assert.equal(globsToProgram('c?t'), 'cat');
    assert.equal(globsToProgram('[c]at'), 'cat');
    assert.equal(globsToProgram('[!x]hoami'), 'whoami');
    assert.equal(globsToProgram('who*'), 'whoami');
    assert.equal(globsToProgram('x?y'), undefined);
    assert.equal(globsToProgram(`${'*a'.repeat(12)}`), undefined);
  });
});

describe('command injection', () => {
  it('finds its cases and those of Shellshock, each by its class', () => {
    for (const { text, place, what } of COMMAND_INJECTION) {
      const judge = new Judge([commandInjection], 'default');
      assert.ok(judge.find(text, { ...QUERY, ...place }), `${what}: ${JSON.stringify(text)}`);
    }
    for (const { text } of SHELLSHOCK) assert.ok(new Judge([shellshock], 'default').find(text, QUERY), text);
  });

  it('leaves friendly texts alone', () => {
    for (const text of FRIENDLY) {
      const match = found(text);
      assert.equal(match, undefined, JSON.stringify([text, match]));
    }
    const wrong = benignValues(11_000).filter(({ text }) => found(text) !== undefined);
    assert.deepEqual(wrong, []);
  });

  it('finds more at each level, and never less', () => {
    for (const text of [...COMMAND_INJECTION, ...SHELLSHOCK].map((each) => each.text).concat(FRIENDLY)) {
      if (judges.low.find(text, QUERY)) assert.ok(judges.default.find(text, QUERY), text);
      if (judges.default.find(text, QUERY)) assert.ok(judges.high.find(text, QUERY), text);
    }
    assert.ok(judges.low.find("'; cat /etc/group #", BODY));
    assert.equal(judges.low.find('cd app && ls -la /srv', BODY), undefined);
    assert.equal(found('Run `cat /etc/group` and tell me'), undefined);
    assert.ok(judges.high.find('Run `cat /etc/group` and tell me', BODY));
    assert.equal(found('netstat'), undefined);
    assert.ok(judges.high.find('netstat', BODY));
  });

  it('says where and why', () => {
    assert.deepEqual(found('10.1.2.3; cat /etc/group # x'), {
      class: 'command-injection',
      form: 'as sent',
      span: '; cat /etc/group',
      why: 'ends the command and starts another',
    });
  });

  it('reaches its marks on the corpora', { skip: corporaMissing }, () => {
    const labelled = httpParams();
    const norm = labelled.filter((each) => each.type === 'norm' && found(each.text) !== undefined);
    assert.deepEqual(norm, []);
    const fine = libinjection('false_positives').flatMap(({ texts }) => texts);
    assert.deepEqual(
      fine.filter((text) => found(text) !== undefined),
      [],
    );
    const commands = labelled.filter((each) => each.type === 'cmdi');
    const all = commands.filter((each) => found(each.text, 'query') !== undefined);
    // Not found: two that call `system()` as code, and lines that are damaged or no attack.
    assert.ok(all.length >= 50, String(all.length));
    const lines = payloads('command.txt').filter((text) => found(text, 'query') !== undefined);
    assert.ok(lines.length >= 376, String(lines.length));
  });

  it('never throws and answers the same for the same text', () => {
    const piece = fc.constantFrom(...PIECES);
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(piece, { maxLength: 40 }).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(...SENSITIVITIES), (each, level) => {
        assert.deepEqual(judges[level].find(each, QUERY), judges[level].find(each, QUERY));
        if (judges.low.find(each, BODY)) assert.ok(judges.default.find(each, BODY));
        if (judges.default.find(each, BODY)) assert.ok(judges.high.find(each, BODY));
      }),
      { numRuns: 2000 },
    );
  });

  it('costs in proportion to the length, whatever is repeated', () => {
    const steps = (text: string): number => {
      const before = shellSteps();
      searchShell({ name: 'as sent', text, features: featuresOf(text) }, BODY, 'high');
      return shellSteps() - before;
    };
    for (const a of PIECES) {
      for (const b of PIECES) {
        const text = (a + b).repeat(Math.ceil(2000 / (a + b).length));
        assert.ok(steps(text) <= text.length * 400 + 4000, JSON.stringify([a, b, steps(text)]));
        assert.ok(steps(text.repeat(4)) <= steps(text) * 5 + 8000, JSON.stringify([a, b]));
      }
    }
  });
});

const PIECES = [
  ';',
  '|',
  '&',
  '&&',
  '\n',
  '`',
  '$(',
  ')',
  "'",
  '"',
  '\\',
  '$',
  '$' + '{',
  '}',
  '{',
  ',',
  '<',
  '>',
  '<<<',
  '(',
  '%',
  '^',
  '?',
  '*',
  '[',
  ' ',
  '#',
  '=',
  '-',
  '/',
  'cat',
  ';cat ',
  ';id',
  "c'",
  'a=b;',
  '$a',
  '$IFS',
  '/bin/',
  '/etc/passwd',
  "$'\\x63",
  'echo ',
  ';echo "',
  '| sh',
  'then ',
  'word ',
  '() { :',
  '\\n',
  '+',
  '-oProxyCommand=',
  '<!--#',
  '\ud800',
  '\0',
];
