import type { Operation } from '../../contract/model.ts';
import type { Finding } from '../../shared/finding.ts';
import { multipart } from '../readers/multipart.ts';
import { ARRAY, allows, shapeOf } from '../shape.ts';
import { takesFiles } from './explain.ts';
import type { FilesSettings } from './settings.ts';

/** What leaves the gate blind for the files of an operation. */
export function inspectFiles(settings: FilesSettings, operation: Operation): Finding[] {
  if (!takesFiles(operation)) return [];
  const findings: Finding[] = [];
  const add = (rule: string, message: string, mend: string, place = operation.place): void => {
    findings.push({ rule: `validation/${rule}`, severity: 'weakness', message, mend, place, operation: operation.key });
  };
  if (settings.mode === 'off') {
    add('files-off', 'uploaded files are not looked at', 'set validation.files.mode to report or enforce');
    return findings;
  }
  for (const each of uploads(operation)) {
    if (each.unbounded)
      add(
        'upload-unbounded',
        `${each.what} has no maxLength`,
        'say how many bytes such a file has at most',
        each.place,
      );
    if (each.untyped)
      add(
        'upload-any-type',
        `${each.what} may be of any media type`,
        'name the media types by `encoding` (contentType: "image/png, image/jpeg")',
        each.place,
      );
  }
  if (settings.scan === undefined)
    add(
      'files-unscanned',
      'uploaded files are not scanned for viruses',
      'run clamd, and name its socket in validation.files.scan',
    );
  else if (settings.scan.onError === 'pass')
    add(
      'files-scan-open',
      'files pass unscanned when clamd does not answer',
      'set validation.files.scan.onError to refuse',
    );
  return findings;
}

interface Upload {
  readonly what: string;
  readonly unbounded: boolean;
  readonly untyped: boolean;
  readonly place: Operation['place'];
}

/** The properties of multipart bodies that are files. */
function uploads({ body }: Operation): Upload[] {
  const found: Upload[] = [];
  for (const media of body?.content ?? []) {
    if (!multipart.accepts(media.type)) continue;
    for (const [name, at] of shapeOf(media.schema).properties) {
      const shape = shapeOf(at);
      const item = allows(shape, ARRAY) ? shapeOf(shape.items) : shape;
      if (!item.binary) continue;
      const types = media.encoding.get(name)?.contentType ?? '';
      found.push({
        what: `the file "${name}"`,
        unbounded: item.maxLength === Number.POSITIVE_INFINITY,
        untyped: types === '' || types.includes('*/*') || types.includes('application/octet-stream'),
        place: media.place,
      });
    }
  }
  return found;
}
