import { NOSQL_FEATURES, searchNoSql } from '../nosql/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Is a name an operator of a query? Set into an object, into JavaScript that a database runs, into Cypher, or into a
 * line of Redis' or memcached's protocol, does the value leave its place and go on there?
 */
export const nosqlInjection: DetectionClass = {
  name: 'nosql-injection',
  title: 'NoSQL injection',
  features: NOSQL_FEATURES,
  search: searchNoSql,
};
