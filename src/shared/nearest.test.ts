import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

test('finds what was meant', () => {
  const names = ['x-portcullis-roles', 'x-portcullis-owner', 'x-portcullis-limits'];
  assert.equal(nearest('x-portcullis-role', names), 'x-portcullis-roles');
  assert.equal(nearest('x-portcullis-onwer', names), 'x-portcullis-owner');
  assert.equal(nearest('X_Portcullis_Limits', names), 'x-portcullis-limits');
  assert.equal(nearest('requird', ['description', 'required', 'schema']), 'required');
});

test('says nothing where nothing is near', () => {
  assert.equal(nearest('banana', ['required', 'schema']), undefined);
  assert.equal(nearest('ab', ['xy', 'cd']), undefined);
  assert.equal(nearest('', ['a']), undefined);
  assert.equal(nearest('a'.repeat(10_000), ['a'.repeat(10_001)]), undefined);
});

test('prefers the nearer one', () => {
  assert.equal(nearest('headr', ['reader', 'header']), 'header');
});
