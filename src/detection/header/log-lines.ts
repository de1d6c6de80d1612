import { alternatives } from '../shared/alternatives.ts';

const LEVEL = alternatives('TRACE DEBUG INFO NOTICE WARN WARNING ERROR CRIT CRITICAL FATAL ALERT EMERG SEVERE AUDIT');
const SECONDS = String.raw`\d\d:\d\d:\d\d`;
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';

/** Lines as loggers and servers write them: RFC 3164 and 5424, the common log format, time and level, JSON, logfmt. */
const LINE = new RegExp(
  [
    String.raw`[[(<"]?\d{4}[-/]\d\d[-/]\d\d(?:[T_ ]${SECONDS}|T\d\d:\d\d| \d\d:\d\d ${LEVEL}\b)`,
    String.raw`[[(<]?${SECONDS}(?:[.,]\d{1,9})?[\])>]? (?:[[(<]?[\w.-]{1,64}[\])>]? )?[[<(]?${LEVEL}\b`,
    String.raw`${MONTH} [ \d]\d ${SECONDS} [\w.-]{1,64} `,
    String.raw`<\d{1,3}>(?:1 |${MONTH} )`,
    String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}) \S{1,64} \S{1,64} \[`,
    String.raw`\[\d\d/${MONTH}/\d{4}:\d\d`,
    String.raw`(?:TRACE|DEBUG|INFO|WARN|ERROR|CRIT|CRITICAL|FATAL|SEVERE)(?:[ \t]{0,4}[:|][ \t]{1,4}| {1,4}[[(-])\S`,
    // Before a level stands the logger's name, not a word that goes with one.
    String.raw`(?!(?:[Aa]n?|and|any|all|contact|for|more|my|new|no|or|our|please|read|see|some|[Tt]he|this|with|your) )[\w.-]{1,64}:? [[<(]?${LEVEL}[\]>)]?(?::|[ \t]|$)`,
    String.raw`\[(?:${LEVEL}|${LEVEL.toLowerCase()})\]`,
    String.raw`\{ ?"(?:time|timestamp|ts|level|severity|@timestamp|msg)" ?:`,
    String.raw`(?:time|ts|level)=\S{1,64} [a-z]{2,16}=`,
  ].join('|'),
  'y',
);

/** Whether a line that begins at `at` reads as one that a logger wrote. */
export function isLogLine(text: string, at: number): boolean {
  LINE.lastIndex = at;
  return LINE.test(text);
}
