import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf, namingOf, plain, singular, wordsOf } from './names.ts';

test('names of any case are taken apart into the same words', () => {
  for (const name of ['invoiceLineID', 'invoice_line_id', 'invoice-line-id', 'InvoiceLineId', 'invoice.line.id']) {
    assert.deepEqual(wordsOf(name), ['invoice', 'line', 'id'], name);
  }
  assert.equal(plain('PET-ID'), plain('petId'));
});

test('nouns in the plural, as paths have them, become singular', () => {
  const pairs =
    'patients patient, invoices invoice, companies company, addresses address, boxes box, statuses status, houses house, people person, news news, status status, bus bus, movies movie, categories category, batches batch, analyses analysis';
  for (const pair of pairs.split(', ')) {
    const [many = '', one = ''] = pair.split(' ');
    assert.equal(singular(many), one, many);
  }
  assert.equal(kindOf('order-items'), 'orderitem');
});

test('a name says which thing it means, and by what it is told apart', () => {
  const expected: [string, string, string, boolean][] = [
    ['patientId', 'patient', 'id', true],
    ['patient_uuid', 'patient', 'uuid', true],
    ['petIds', 'pet', 'id', true],
    ['userid', 'user', 'id', true],
    ['_id', '', 'id', true],
    ['number', '', 'number', false],
    ['invoiceNumber', 'invoice', 'number', false],
    ['username', '', 'username', false],
    ['patient', 'patient', '', false],
  ];
  for (const [name, kind, property, certain] of expected) {
    assert.deepEqual(namingOf(name), { kind, property, certain }, name);
  }
  for (const word of ['paid', 'unpaid', 'valid', 'invalid', 'grid', 'void', 'bid', 'isPaid']) {
    assert.equal(namingOf(word).certain, false, word);
  }
});
