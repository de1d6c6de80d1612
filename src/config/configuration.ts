import type { z } from 'zod';
import type { ROOMS } from '../gateway/rooms.ts';
import type { AdminSettings, ListenSettings } from '../gateway/settings.ts';
import type { IdentitySettings } from '../identity/server/settings.ts';
import type { Place } from '../shared/finding.ts';

export type RoomSettings = { readonly [Name in keyof typeof ROOMS]: z.output<(typeof ROOMS)[Name]['settings']> };

/** A configuration that has been read, checked and completed with defaults. */
export interface Configuration extends RoomSettings {
  readonly contract: string;
  readonly upstream: readonly string[];
  readonly data: string;
  readonly listen: ListenSettings;
  readonly admin: AdminSettings;
  readonly identity: IdentitySettings;
  readonly operations: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  /** File it was read from; undefined where there is none (`portcullis protect`). */
  readonly file: string | undefined;
  /** Directory that relative names are relative to, absolute. */
  readonly directory: string;
  /** Where something was written: `['throttling', 'address']`; undefined where it was not. */
  readonly placeOf: (path: readonly string[]) => Place | undefined;
}
