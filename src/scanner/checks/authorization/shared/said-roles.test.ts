import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidRoles } from './said-roles.ts';

const KNOWN = new Set(['owner', 'editor', 'viewer', 'staff']);
const read = (...texts: (string | undefined)[]): string[] | undefined => {
  const said = saidRoles(texts, KNOWN);
  return said && [...said.roles];
};

test('a description that keeps an operation to roles is read', () => {
  assert.deepEqual(read('Invite somebody', 'Owners only.'), ['owner']);
  assert.deepEqual(read('Only the owner may delete a project.'), ['owner']);
  assert.deepEqual(read('Editors and owners can create projects. JSON merge patch.'), ['editor', 'owner']);
  assert.deepEqual(read(undefined, 'Editors and owners.'), ['editor', 'owner']);
  assert.deepEqual(read('Removes it (staff only)'), ['staff']);
  assert.deepEqual(read('Requires the role owner'), ['owner']);
});

test('a sentence that names some, and does not say that they are all, is not strict', () => {
  assert.equal(saidRoles(['Editors can write.'], KNOWN)?.only, false);
  assert.equal(saidRoles(['Editors only.'], KNOWN)?.only, true);
});

test('what speaks of roles in another way keeps nobody out', () => {
  for (const text of [
    'Lists the owners of a project',
    'Changes the owner. The owner is told by mail',
    'Only the owner of the note is shown',
    'Viewers cannot change it',
    'The editor may not be empty',
    'The owner is told of it',
    'Only numbers are allowed',
    'Administrators only.',
  ])
    assert.equal(read(text), undefined, text);
  assert.equal(saidRoles(['Owners only.'], new Set()), undefined);
});
