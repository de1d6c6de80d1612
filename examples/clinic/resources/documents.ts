// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { randomUUID } from 'node:crypto';
import { type Caller, needOwn, needRole } from '../caller.ts';
import { integer, oneOf, PAGE, pathInteger, pathText, readPage, readQuery, text, UUID } from '../checks.ts';
import { type Clinic, notFound, Problem, type Reply, type Route } from '../clinic.ts';
import type { Row } from '../database.ts';
import { newId } from '../ids.ts';
import { readParts } from '../multipart.ts';
import { needPatient } from './patients.ts';

const UPLOAD_LIMIT = 2 * 1024 * 1024;
export const KINDS = ['lab', 'letter', 'image', 'consent'] as const;
const UPLOADED = /^[A-Za-z0-9][A-Za-z0-9 _-]{0,70}\.(pdf|png|jpg|txt)$/;
/** The name of a report that is fetched. */
export const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9 _-]{0,70}\.txt$/;

/** What may be uploaded: the ending, its type, and how such a file begins. */
const TYPES: Readonly<Record<string, { type: string; begins: (bytes: Buffer) => boolean }>> = {
  pdf: { type: 'application/pdf', begins: (bytes) => bytes.subarray(0, 5).toString('latin1') === '%PDF-' },
  png: { type: 'image/png', begins: (bytes) => bytes.subarray(0, 8).toString('hex') === '89504e470d0a1a0a' },
  jpg: { type: 'image/jpeg', begins: (bytes) => bytes.subarray(0, 3).toString('hex') === 'ffd8ff' },
  txt: { type: 'text/plain', begins: (bytes) => isText(bytes) },
};

export const documents: readonly Route[] = [
  {
    method: 'POST',
    path: '/patients/{id}/documents',
    handle: async (clinic, ask) => {
      const { weak } = clinic;
      const caller = ask.caller();
      needRole(caller, 'patient', 'nurse', 'doctor', 'clerk');
      const patientId = pathInteger(weak, ask.path, 'id');
      if (!weak('no-ownership')) needOwn(caller, patientId, 'patient');
      const parts = readParts(ask.headers['content-type'], await ask.bytes(UPLOAD_LIMIT));
      const file = parts.find((part) => part.name === 'file');
      const kinds = parts.filter((part) => part.name === 'kind');
      const kind = kinds[0]?.bytes.toString('utf8') ?? '';
      if (file?.filename === undefined) throw new Problem(400, 'Invalid request', 'A file is required.');
      if (!weak('no-validation') && (parts.length !== 2 || oneOf(...KINDS)(kind) !== undefined)) {
        throw new Problem(400, 'Invalid request', 'Send exactly one kind and one file.');
      }
      let mediaType = file.type;
      if (!weak('upload-anything')) {
        const rule = UPLOADED.test(file.filename)
          ? TYPES[file.filename.slice(file.filename.lastIndexOf('.') + 1)]
          : undefined;
        if (rule === undefined || rule.type !== file.type || !rule.begins(file.bytes)) {
          throw new Problem(
            415,
            'Unsupported media type',
            'Send a pdf, png, jpg or txt file whose content is what its name says.',
          );
        }
        mediaType = rule.type;
      }
      needPatient(clinic, patientId);
      return storeDocument(clinic, caller, patientId, {
        name: file.filename,
        kind,
        type: mediaType,
        bytes: file.bytes,
      });
    },
  },
  {
    method: 'GET',
    path: '/documents',
    queried: true,
    handle: (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      const sent = ask.query.getAll('patientId');
      // careless: a framework that takes the first of a repeated parameter, and a database layer that takes the last
      const polluted = weak('parameter-pollution') && sent.length > 1;
      if (polluted) ask.query.set('patientId', sent[0] ?? '');
      const query = readQuery(weak, ask.query, {
        patientId: { check: integer(1, 999_999_999), required: true },
        limit: PAGE.limit!,
      });
      const { patientId } = query;
      const { limit } = readPage(weak, query);
      if (!weak('no-ownership')) needOwn(caller, patientId, 'patient');
      const rows = database.all(
        'SELECT * FROM documents WHERE patient_id = ? ORDER BY uploaded_at, id LIMIT ?',
        polluted ? Number(sent.at(-1)) : (patientId ?? null),
        limit,
      );
      return { status: 200, body: { items: rows.map((row) => view(clinic, row)) } };
    },
  },
  {
    method: 'GET',
    path: '/documents/download',
    queried: true,
    produces: 'application/octet-stream',
    handle: (clinic, ask) => {
      const { weak, database, disk } = clinic;
      needRole(ask.caller(), 'nurse', 'doctor');
      const { name = '' } = readQuery(weak, ask.query, { name: { check: text(1, 120), required: true } });
      const row = database.get('SELECT * FROM documents WHERE name = ? ORDER BY uploaded_at LIMIT 1', String(name));
      if (weak('path-traversal') && row === undefined) {
        // careless: older files are not in the table, so the name is looked for on disk
        const file = disk.open(String(name));
        if (file === undefined) throw notFound('document');
        return {
          status: 200,
          raw: file.stream,
          headers: { 'content-type': 'application/octet-stream', 'content-length': String(file.size) },
        };
      }
      if (row === undefined) throw notFound('document');
      return content(clinic, row);
    },
  },
  {
    method: 'GET',
    path: '/documents/{id}',
    handle: (clinic, ask) => {
      const { weak } = clinic;
      const caller = ask.caller();
      const row = find(clinic, pathText(weak, ask.path, 'id', UUID));
      if (!weak('no-ownership')) needOwn(caller, row.patient_id, 'document');
      return { status: 200, body: view(clinic, row) };
    },
  },
  {
    method: 'GET',
    path: '/documents/{id}/content',
    produces: 'application/octet-stream',
    handle: (clinic, ask) => {
      needRole(ask.caller(), 'nurse', 'doctor');
      return content(clinic, find(clinic, pathText(clinic.weak, ask.path, 'id', UUID)));
    },
  },
  {
    method: 'DELETE',
    path: '/documents/{id}',
    handle: async (clinic, ask) => {
      needRole(ask.caller(), 'doctor', 'admin');
      const row = find(clinic, pathText(clinic.weak, ask.path, 'id', UUID));
      clinic.database.run('DELETE FROM documents WHERE id = ?', row.id);
      await clinic.disk.remove(String(row.stored_as));
      return { status: 204 };
    },
  },
];

/** Stores a document of a patient. */
export async function storeDocument(
  clinic: Clinic,
  caller: Caller,
  patientId: unknown,
  file: { name: string; kind: string; type: string; bytes: Buffer },
): Promise<Reply> {
  const id = newId(clinic, 'documents');
  const storedAs = randomUUID();
  const sha256 = await clinic.disk.store(storedAs, file.bytes);
  clinic.database.insert('documents', {
    id,
    patientId,
    name: file.name,
    kind: file.kind,
    mediaType: file.type,
    size: file.bytes.length,
    sha256,
    uploadedBy: caller.principal,
    uploadedAt: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    storedAs,
  });
  return { status: 201, body: view(clinic, find(clinic, id)), headers: { location: `/documents/${id}` } };
}

function find({ database }: Clinic, id: string): Row {
  const row = database.get('SELECT * FROM documents WHERE id = ?', id);
  if (row === undefined) throw notFound('document');
  return row;
}

function content({ weak, disk }: Clinic, row: Row): Reply {
  const file = disk.open(String(row.stored_as));
  if (file === undefined) throw notFound('document');
  // careless: what somebody uploaded as a page opens as a page
  const headers: Record<string, string> = weak('upload-anything')
    ? { 'content-type': String(row.media_type) }
    : {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(String(row.name))}`,
      };
  return { status: 200, raw: file.stream, headers: { ...headers, 'content-length': String(file.size) } };
}

function view({ weak }: Clinic, row: Row): Row {
  const shown = {
    id: row.id,
    patientId: row.patient_id,
    name: row.name,
    kind: row.kind,
    mediaType: row.media_type,
    size: row.size,
    sha256: row.sha256,
    uploadedAt: row.uploaded_at,
  };
  return weak('over-sharing') ? { ...row, ...shown } : shown;
}

function isText(bytes: Buffer): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(bytes).includes('\0');
  } catch {
    return false;
  }
}
