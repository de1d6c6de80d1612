import { createHash } from 'node:crypto';
import { LONE_HANDLER, MARKUP_REASONS } from './undecidable-markup.ts';

/**
 * Lines of public lists of attacks that are no attacks as they stand: placeholders, notes of the list's author, single
 * quotes, words that a filter left of something else. Kept by digest, so that no list is copied; each with the reason.
 */
const REASONS: readonly (readonly [string, string])[] = [
  [
    'a placeholder, an operator in quotes and a placeholder: the list names operators',
    `eda5f1586520 f48c70212f93 34ecbeb4deab 1981296c6406 c03bf5611bc7 2c475651df03 acbec8a63d5d cb6bc34b6aa4
     095cd1510690 13adf084db6c 84efb9dc648c a36b8a1c7487 97626b6637d9 ddc2e9e7255b ed8038e4561d 3a1a46d9a8c7
     172a442a6294 f65d1622ee17 31aab4d97da5 0f4bf4aed42c 32de56e05de7 6f025c0144e9 9002191ec837 9a23938f8b0e
     4725ec6085d5 047aa1c01046 74d884db97d9 35ca50ff3b43 0bd2328af701 2d3367909cce c00ec98ae068`,
  ],
  [
    'an operator in quotes alone',
    `3dd511d63d77 461a29f86122 c74e96da2d47 f9dc1f7efd4b 258007492742 3eb6a07bdb00 505bb2d7b14c 75000bfedbf8
     730d16ce9c80`,
  ],
  ["a note of the list's author", `ccd4de092499 c0a2d64d32d8 bdcee9e41042`],
  [
    'a number, a lone quote or quotes around nothing',
    `52109349dabf ed725292f5f3 730d16ce9c80 43ccf3bb50a1 00374266a5a7 b7fab51c012a d6311393c6ce d020a107d65b`,
  ],
  ['a probe of characters that no database reads', `7e319d9e274c 175c69eb2e90`],
  [
    'a misspelled or broken word in the place of a keyword: no database runs it',
    `99f70061665b 2a6fbdbc9690 235ef5e9114c 29769fa121ce c237979406c3 c68ff67e0d31`,
  ],
  [
    'the name of a program alone: a word of prose where no parameter says that it is run',
    `6b31c08e31c4 9420ae863302 2b64c6d9afd8 1d6f385dd0e7 5381bf261ff4 c7b68ac37f36 9a990e354cd9 a1159e9df367
     8a84e406c08a 6e0399bbd6a3 d51e34a47a79 5c0be87ed743 f25297859cf0 a56145270ce6`,
  ],
  [
    'quotes, separators or ends of lines with nothing behind them',
    `8a331fdde703 0317360f9994 8a85587b3897 ba1faa03d832 2fa486fa4f9e 2258e14dcbec 265fda17a346 14472545ef40
     0a2d3f8f9b72 a80e516bfb19 156de42b059b ce318ab44926 8d33f520a3c4 6ce74cf04356 a80e830dfeb6`,
  ],
  [
    'what every honest template has, or what a translation broke',
    `3457eb0c69bd a81f98c902e6 5f02ce69915b 933f7004dad6 5dd90c56a312 d75d55cd449b`,
  ],
  [
    'a character or two of a filter, which alone neither end nor add anything',
    `bb7208bc9b5d a91b7710828c 26ebd69f0b00 adf38caa71ff d13042fbc058 3378b00fff38 3367706faf2f 951dcee3a7a4
     32ebb1abcc1c ba5ec51d07a4 684888c0ebb1 7994750c119d dfa14378a966 8a5edab28263 a2c2339691fc 03eeb07c5983
     f1b9ff80c494 cbe5cfdf7c21`,
  ],
  [
    'a name with a wildcard: searches of people have it, and a filter that takes it matches more names only',
    `e340d1387405`,
  ],
  [
    "a note of the list's author",
    `334359b90efe de6d57774dec a02349fd518e bc3cd208ee10 7c29f5f632ed 687ec67c13df 13cae0fa7ff3 1959ea135e1f
     4b753d1c7af7 6171b2a46120`,
  ],
  [
    'the name of a file or directory alone: harm where files are served, text where people write about them',
    `1fbabcd2c82e f51c297b1ae7 270939b4fba4 cc66884fe24b cca536101349 05c330f2f86f 699951998b9b fcc651db0119
     853d4d8d8fbb f739bec42614 e7e8f8897380 9956d5b02c24 7379a3afd30c d573b21844b1 65af29795cd4 45856989b7b0
     5f68a8fb4174 03d527e5d750 835330eae532 3199a0ef6435 e8e9eea3276b 724326d4c997 c9c6c0faad02 6efd05ab79b6
     c79e7bf3fe49 24b2a84e8a1b 6c077833b6fe 2a90302e16d7 19e3c84c1b3c bb0d2a76a286 0d6be69b2647 1bfccee605ea
     cb6d70f792ad`,
  ],
  [
    'a placeholder in the place of the file',
    `c6ac770b2b19 ccc4b66b622c c5827349c192 304880e8f6e6 5dc40676f895 e8747fd199a9 b99f631d61fd f9a178f39479
     5df62712cf2b cfb24cce3a77 ca455deec876 b3bdb77fd63d af3bc98f4758 da3b59b62b19 fb6646fe4a14`,
  ],
  [
    'separators are lost: nothing climbs any more',
    `b603ed7a9735 63f2b16585e6 ca74ac44a33e b1cd49a036f5 31703c3ec6d3 958f7b327b97 9ce95b370c87 5afaca4b74ba
     897779738a37`,
  ],
  ['a word or a literal that runs nothing', `9727ec5e80fc d719559746e5 dff89555928c`],
];

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
const KNOWN: ReadonlyMap<string, string> = new Map(
  [...REASONS, ...MARKUP_REASONS].flatMap(([reason, digests]) =>
    digests.split(/\s+/).map((each) => [each, reason] as const),
  ),
);

/** Why a line of an attack list is none; undefined where it is not listed as such. */
export const undecidable = (text: string): string | undefined =>
  LONE_HANDLER.test(text) ? 'the name of an event handler alone' : KNOWN.get(digest(text));
