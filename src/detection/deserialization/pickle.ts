/** Opcodes read before a stream counts as what it is so far. */
const MAX_OPCODES = 4096;
/** Characters of an argument that ends with its line. */
const MAX_LINE = 1024;

/** How the argument of an opcode is read: nothing, so many bytes, a line, a length before it. */
const NONE = 0;
const LINE = -1;
const LINES = -2;
const LENGTH_1 = -3;
const LENGTH_4 = -4;
const LENGTH_8 = -5;
const UNKNOWN = -9;

/** Python's `pickletools`: the opcodes of protocols 0 to 5 and their arguments. */
const ARGUMENT = new Int8Array(256).fill(UNKNOWN);
const set = (opcodes: string, argument: number): void => {
  for (const each of opcodes) ARGUMENT[each.charCodeAt(0)] = argument;
};
set('(.012NQRabdelostu})]\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98', NONE);
set('Khq\x80\x82', 1);
set('M\x83', 2);
set('Jjr\x84', 4);
set('G\x95', 8);
set('FILPSVgp', LINE);
set('ci', LINES);
set('UC\x8a\x8c', LENGTH_1);
set('TXB\x8b', LENGTH_4);
set('\x8d\x8e\x96', LENGTH_8);

/** What unpickling would do. */
export const NO_PICKLE = 0;
/** It gives plain data. */
export const DATA = 1;
/** It calls something by its name. */
export const CALLS = 2;

const NAME = /^[\w.]{1,200}$/;

/** Reads a pickle opcode by opcode as the machine would, without running it. `bytes` has a character for each byte. */
export function readPickle(bytes: string): number {
  let at = 0;
  let names = false;
  let marked = false;
  let opcodes = 0;
  for (; opcodes < MAX_OPCODES && at < bytes.length; opcodes++) {
    const opcode = bytes.charCodeAt(at);
    const argument = opcode < 256 ? (ARGUMENT[opcode] as number) : UNKNOWN;
    const from = ++at;
    switch (argument) {
      case UNKNOWN:
        return NO_PICKLE;
      case LINE:
      case LINES: {
        const end = lineEnd(bytes, from);
        if (end < 0) return NO_PICKLE;
        at = end + 1;
        if (argument === LINE) break;
        const second = lineEnd(bytes, at);
        if (second < 0 || !NAME.test(bytes.slice(from, end)) || !NAME.test(bytes.slice(at, second).trimEnd()))
          return NO_PICKLE;
        at = second + 1;
        // INST takes its arguments from the last mark.
        if (opcode === 0x69) {
          if (marked) return CALLS;
          return NO_PICKLE;
        }
        names = true;
        break;
      }
      case LENGTH_1:
        at += 1 + bytes.charCodeAt(at);
        break;
      case LENGTH_4:
        at += 4 + number(bytes, at);
        break;
      case LENGTH_8:
        at += 8 + number(bytes, at);
        break;
      default:
        at += argument;
    }
    if (opcode === 0x28) marked = true;
    else if (opcode === 0x93) names = true;
    // REDUCE, BUILD, OBJ, NEWOBJ, NEWOBJ_EX
    else if (names && (opcode === 0x52 || opcode === 0x62 || opcode === 0x6f || opcode === 0x81 || opcode === 0x92))
      return CALLS;
    else if (opcode === 0x2e) return at >= bytes.trimEnd().length && opcodes > 0 ? DATA : NO_PICKLE;
  }
  return NO_PICKLE;
}

function lineEnd(bytes: string, from: number): number {
  const end = bytes.indexOf('\n', from);
  return end - from > MAX_LINE ? -1 : end;
}

/** Four bytes, the least first. */
const number = (bytes: string, at: number): number =>
  (bytes.charCodeAt(at) & 0xff) +
  (bytes.charCodeAt(at + 1) & 0xff) * 0x100 +
  (bytes.charCodeAt(at + 2) & 0xff) * 0x10000 +
  (bytes.charCodeAt(at + 3) & 0xff) * 0x1000000;
