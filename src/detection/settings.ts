import { z } from 'zod';
import { selectorProblem } from '../shared/selector.ts';
import { SENSITIVITIES, SOURCES } from './classes/class.ts';
import { CLASS_NAMES } from './classes/index.ts';

const classes = z.enum(CLASS_NAMES);

const exception = z.strictObject({
  operation: z
    .string()
    .superRefine((text, context) => {
      const problem = selectorProblem(text);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `the selector ${problem}` });
    })
    .optional()
    .describe('Selector of the operations; left out: every operation this setting stands for.'),
  in: z.enum(SOURCES).optional().describe('Where the value stands; left out is reported as too wide.'),
  name: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Name of the parameter, header or cookie, or pointer into the body: `/comments/*/text`, `/draft/**`.'),
  class: z.union([classes, z.literal('*')]).describe('Class that is not searched there; `*` is reported as too wide.'),
  reason: z.string().trim().min(10).max(500).describe('Why this is safe, for whoever reads it next year.'),
});

export const settings = z.object({
  mode: z
    .enum(['enforce', 'report', 'off'])
    .default('enforce')
    .describe('`enforce` refuses what is harmful, `report` only records it, `off` does not search.'),
  sensitivity: z
    .enum(SENSITIVITIES)
    .default('default')
    .describe(
      '`low`: only what is an attack wherever it stands (places that carry code); `default`; `high`: also what might be one.',
    ),
  classes: z
    .array(classes)
    .default([...CLASS_NAMES])
    .describe('Classes of attack that are searched.'),
  exceptions: z
    .array(exception)
    .max(1000)
    .default([])
    .describe('Places that a class does not search: operation, in, name, class and the reason.'),
  maxValue: z
    .int()
    .min(256)
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('Characters of one value that are searched; a longer one is refused, never let through unsearched.'),
});

export type DetectionSettings = z.output<typeof settings>;
export type Exception = DetectionSettings['exceptions'][number];
