/** Lines of lists of scripts and mark-up that run nothing as they stand, by digest, with the reason. */
export const MARKUP_REASONS: readonly (readonly [string, string])[] = [
  [
    'what is left of an attack after a filter or a split: it runs nothing',
    `7f0264ad60b8 337107b2cec1 65d0f6924b2d 7dcfcab69e0c c609059e3924 cea33861e40d 6034740e17e0 43ff30a20e27
     9d8f14bd4805 3df1824ae35a 79b304d8943f 3a4265f27c8c b5bcb87a3453`,
  ],
  ['a plain link, picture or end of a page', `4f41f3e9f088 534eea26e25b 684e5089ce5b`],
  ['a fragment (`#`) in the place of the colon: no browser takes it for a script', `151ff2728bed 16355790587f`],
  [
    'a style that changes looks and runs nothing in any browser of today',
    `fa653606a888 b7bf74bdf761 ef0a87b94f4d d545ac7ee3ed 89ed05bf9c60 fb849e860697 2fdb5be42d87 b8d4b6d9aaf3
     7b6d4433ce33 bfb6e35d3bbc faaee2a37607 cf268e6295a4 4c25730ebef6 71fcb2e8965a`,
  ],
  [
    'a drawing or style sheet of which only the opening tag is there',
    `a7952d0f313c 333a26e1aae5 37e7006575de 797aee56d79f e942997f5cd0`,
  ],
];

/** A name of an event handler with nothing behind it. */
export const LONE_HANDLER = /^(?:on[a-z]{3,30}|FSCommand|seekSegmentTime)$/i;
