import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WAY } from './way.ts';

// The order is a promise: whoever changes it must change it here too, and say why in way.ts.
test('the order of the way', () => {
  assert.deepEqual(
    WAY.map((step) => step.stage),
    [
      'throttle-address',
      'authenticate',
      'throttle-identity',
      'authorize',
      'validate-parameters',
      'authorize-object',
      'validate-body',
      'authorize-body',
      'detect',
      'open-answer',
      'authorize-answer',
      'disclose',
      // After disclose: a signature over an answer that is cut afterwards would be wrong.
      'sign',
    ],
  );
});
