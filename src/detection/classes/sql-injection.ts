import { SQL_FEATURES, searchSql, wantsSql } from '../sql/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Set into an SQL statement, bare or in a literal of either quote, does the value leave its place and go on as SQL? One
 * tokenizer for five dialects and a small grammar of what may follow answer that; no list of fingerprints.
 */
export const sqlInjection: DetectionClass = {
  name: 'sql-injection',
  title: 'SQL injection',
  features: SQL_FEATURES,
  wants: wantsSql,
  search: ({ text, features }, _place, sensitivity) => searchSql(text, features, sensitivity),
};
