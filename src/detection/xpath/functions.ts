/** What a function tells the reader of an expression. */
export const FN_NONE = 0;
/** Of XPath, but also a common word: counts only where a path or a comparison is with it. */
export const FN_COMMON = 1;
/** Of XPath and of nothing else that is called so. */
export const FN_OWN = 2;
/** A node test: `text()`, `node()`. */
export const FN_NODE = 3;
/** Reaches beyond the document. */
export const FN_OUTSIDE = 4;

const KINDS = new Map<string, number>();
const add = (kind: number, words: string): void => {
  for (const word of words.split(' ')) KINDS.set(word, kind);
};
add(
  FN_COMMON,
  'last position count id name contains concat substring string translate not true false boolean lang number',
);
add(
  FN_COMMON,
  'sum floor ceiling round exists empty matches replace tokenize data error trace min max avg root lower-case',
);
add(FN_COMMON, 'upper-case key current system-property generate-id format-number document-uri base-uri exactly-one');
add(
  FN_OWN,
  'local-name namespace-uri starts-with ends-with substring-before substring-after string-length normalize-space',
);
add(
  FN_OWN,
  'string-join string-to-codepoints codepoints-to-string node-name distinct-values deep-equal current-dateTime',
);
add(
  FN_OWN,
  'function-available element-available unparsed-entity-uri static-base-uri in-scope-prefixes encode-for-uri',
);
add(FN_NODE, 'text node comment processing-instruction element attribute document-node');
add(FN_OUTSIDE, 'doc doc-available document collection uri-collection unparsed-text unparsed-text-lines json-doc');
add(FN_OUTSIDE, 'environment-variable available-environment-variables parse-xml put transform load-xquery-module');

/** Extensions of XQuery processors that read files, run commands or call out, by their prefixes. */
const OUTSIDE_PREFIX =
  /^(?:file|proc|process|http|httpclient|sql|xdmp|java|util|system|jndi|ldap|archive|fetch|db|saxon|xquery|mail|ejb|ora|validate|client):[a-z]/;

/** The kind of a function by its name, `fn:` before it or not. */
export function functionKind(name: string): number {
  const plain = name.startsWith('fn:') ? name.slice(3) : name;
  return KINDS.get(plain) ?? (OUTSIDE_PREFIX.test(plain) ? FN_OUTSIDE : FN_NONE);
}
