import { Budget } from './budget.ts';
import { type Claim, claimOfEnding, claimOfType, isPage, isTable, namesEnding, namesKind } from './claims.ts';
import { type Inspection, judgeContent, TOP } from './contents.ts';
import { type FileFault, harmful, invalid } from './fault.ts';
import { endingOf, judgeName } from './names.ts';
import type { Allowable, FilesSettings } from './settings.ts';
import { CODE, type Kind, PROGRAMS, SEALED, TEXTS } from './signatures.ts';
import { kindOfBytes } from './sniff.ts';

/** An uploaded file as it came. */
export interface GivenFile {
  /** Pointer into the body; empty where the body is the file. */
  readonly pointer: string;
  /** undefined where it has no name. */
  readonly filename: string | undefined;
  /** As it says of itself, lower case, without parameters. */
  readonly mediaType: string;
  /** Types that the contract names for it, ranges among them; empty: it names none. */
  readonly named: readonly string[];
  readonly bytes: Buffer;
}

/** A file with what is wrong with it. */
export interface FoundFault {
  readonly file: GivenFile;
  readonly kind: Kind;
  readonly fault: FileFault;
}

/** Judges the files of one request one after the other; they share the limits of what they may unpack to. */
export class FilesJudge {
  readonly #settings: FilesSettings;
  readonly #allowed: ReadonlySet<Allowable>;

  constructor(settings: FilesSettings) {
    this.#settings = settings;
    this.#allowed = new Set(settings.allow);
  }

  /** Every file that is not to be let through, with the first thing that is wrong with it, an attack before a mistake. */
  judge(files: readonly GivenFile[]): FoundFault[] {
    const found: FoundFault[] = [];
    const inspection: Inspection = {
      budget: new Budget(this.#settings.archives),
      allows: (what) => this.#allowed.has(what),
    };
    for (const file of files) {
      const kind = kindOfBytes(file.bytes);
      const fault = this.#judge(file, kind, inspection);
      if (fault !== undefined) found.push({ file, kind, fault });
    }
    return found;
  }

  #judge(file: GivenFile, kind: Kind, inspection: Inspection): FileFault | undefined {
    const { filename, named, bytes } = file;
    const executables = inspection.allows('executables');
    const leave = (ending: string): boolean =>
      executables || (isPage(ending) && inspection.allows('web-pages')) || namesEnding(named, ending);
    const name = filename === undefined ? undefined : judgeName(filename, this.#settings.maxName, leave);
    if (name?.harmful === true) return name;
    const claims = claimsOf(file);
    const type = judgeType(file, kind, claims, inspection);
    if (type?.harmful === true) return type;
    const content = judgeContent(
      bytes,
      kind,
      inspection,
      TOP,
      claims.some(({ claim }) => isTable(claim)),
    );
    return content?.harmful === true ? content : (name ?? type ?? content);
  }
}

interface Said {
  readonly claim: Claim;
  readonly by: 'its media type' | 'its name';
}

function claimsOf({ mediaType, filename }: GivenFile): Said[] {
  const said: Said[] = [];
  const byType = claimOfType(mediaType);
  if (byType !== undefined) said.push({ claim: byType, by: 'its media type' });
  const byName = filename === undefined ? undefined : claimOfEnding(endingOf(filename));
  if (byName !== undefined) said.push({ claim: byName, by: 'its name' });
  return said;
}

/** Types whose files no text is, known by their first half. */
const NO_TEXT = /^(?:image|audio|video|font)\//;

/** Whether the bytes are what the media type and the name say, and whether anybody asked for such a file. */
function judgeType(
  file: GivenFile,
  kind: Kind,
  claims: readonly Said[],
  { allows }: Inspection,
): FileFault | undefined {
  const { named, mediaType } = file;
  const claimed = claims.every(({ claim }) => claim.kinds.has(kind));
  if (PROGRAMS.has(kind) || CODE.has(kind)) {
    if (!allows('executables') && !namesKind(named, kind)) return unwanted(kind, claims, mediaType);
  } else if (kind === 'html') {
    const wanted = claims.length > 0 && claimed && (claims.every(({ claim }) => !claim.runs) || namesKind(named, kind));
    if (!wanted && !allows('web-pages')) return unwanted(kind, claims, mediaType);
  } else if (SEALED.has(kind) && !allows('sealed-archives') && !namesKind(named, kind))
    return invalid('archive-sealed', 'is an archive that cannot be looked into');
  const type = claimOfType(mediaType);
  if (
    type?.runs === true &&
    !named.includes(mediaType) &&
    !allows('executables') &&
    !(allows('web-pages') && type.kinds.has('html'))
  )
    return invalid('type-runs', 'is of a media type that the contract does not name');
  if (kind === 'empty' && !claimed) return invalid('type', 'is empty');
  for (const { claim, by } of claims) {
    if (!claim.kinds.has(kind))
      return invalid('type', kind === 'utf16' ? 'is text, but not in UTF-8' : `is not what ${by} says`);
    if (claim.form === 'json' && !looksLikeJson(file.bytes)) return invalid('type', `is not what ${by} says`);
  }
  if (claims.length === 0 && NO_TEXT.test(mediaType) && TEXTS.has(kind))
    return invalid('type', 'is not what its media type says');
  return undefined;
}

/** A program or a page that nobody asked for. Under the name of a picture or a document it is no mistake. */
function unwanted(kind: Kind, claims: readonly Said[], mediaType: string): FileFault {
  const what = PROGRAMS.has(kind) ? 'a program' : kind === 'html' ? 'a web page' : 'code';
  const disguised = claims.some(({ claim }) => !claim.runs && !claim.kinds.has('text')) || NO_TEXT.test(mediaType);
  // Zip archives that are programs are zip archives.
  if (disguised && kind !== 'jar') return harmful('disguise', `is ${what} that says it is something else`);
  return invalid('unwanted', `is ${what}, which the contract does not name`);
}

/** Begins and ends like a JSON text; whether all between is, its reader will say. */
function looksLikeJson(bytes: Buffer): boolean {
  const first = /^(?:\xef\xbb\xbf)?\s*([[{"\-0-9tfn])/.exec(bytes.toString('latin1', 0, 1024));
  const last = /([\]}"0-9el])\s*$/.exec(bytes.toString('latin1', Math.max(0, bytes.length - 1024)));
  return first !== null && last !== null;
}
