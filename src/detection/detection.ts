import type { Policy, PolicyLine, Room } from '../gateway/room.ts';
import { CLASSES } from './classes/index.ts';
import { inspectDetection } from './inspect.ts';
import { type DetectionSettings, settings } from './settings.ts';
import { compileStage } from './stage.ts';

/** Practice 3, second half: what is valid by the contract and would do harm all the same. */
export const detection: Room<typeof settings> = {
  name: 'detection',
  settings,
  perOperation: ['mode', 'sensitivity', 'classes', 'exceptions', 'maxValue'],
  extensions: {
    'x-portcullis-detection': 'mode',
    'x-portcullis-detection-sensitivity': 'sensitivity',
    'x-portcullis-detection-classes': 'classes',
    'x-portcullis-detection-exceptions': 'exceptions',
  },
  inspect: inspectDetection,
  explain,
  stages({ settings }, operation, services) {
    if (settings.mode === 'off' || settings.classes.length === 0) return {};
    return { detect: compileStage(settings, operation, services) };
  },
};

const MODES = {
  enforce: 'what is harmful is refused',
  report: 'what is harmful is reported only',
  off: 'off',
} as const;

const LEVELS = {
  low: 'low: only what is an attack wherever it stands',
  default: 'default: what would do harm where such values end up',
  high: 'high: also what might, with false alarms in prose',
} as const;

function explain({ settings: s, origins }: Policy<DetectionSettings>): PolicyLine[] {
  const origin = (key: keyof DetectionSettings): string => origins[key] ?? 'default';
  const lines: PolicyLine[] = [{ part: 'attacks', value: MODES[s.mode], origin: origin('mode') }];
  if (s.mode === 'off') return lines;
  const titles = CLASSES.filter((each) => s.classes.includes(each.name)).map((each) => each.title);
  lines.push(
    { part: 'classes', value: titles.join(', ') || 'none', origin: origin('classes') },
    { part: 'sensitivity', value: LEVELS[s.sensitivity], origin: origin('sensitivity') },
    { part: 'longest value', value: `${s.maxValue} characters, longer ones are refused`, origin: origin('maxValue') },
  );
  if (s.exceptions.length > 0)
    lines.push({ part: 'exceptions', value: String(s.exceptions.length), origin: origin('exceptions') });
  return lines;
}
