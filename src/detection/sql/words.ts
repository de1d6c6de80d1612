/**
 * The words of SQL, of five dialects, by what they do in a statement. A word is looked up by a hash that the lexer has
 * computed on its way over it, so that no string is made for the words of ordinary text.
 */

export const W_NONE = 0;
/** `or`, `and`, `xor`: join a condition to another. */
export const W_LOGIC = 1;
export const W_NOT = 2;
/** Compare in words: `like`, `rlike`, ... */
export const W_COMPARE = 3;
export const W_IS = 4;
export const W_IN = 5;
/** `div`, `mod`: reckon in words. */
export const W_RECKON = 6;
/** `union`, `except`, `intersect`, `minus`. */
export const W_UNION = 7;
export const W_SELECT = 8;
export const W_FROM = 9;
/** `where`, `having`, `when`: a condition follows. */
export const W_CONDITION = 10;
/** `order`, `group`: `by` follows. */
export const W_ORDER = 11;
export const W_BY = 12;
export const W_LIMIT = 13;
export const W_INTO = 14;
export const W_OUTFILE = 15;
export const W_PROCEDURE = 16;
/** Stands before an operand and changes nothing: `all`, `distinct`, `binary`, `case`, ... */
export const W_PREFIX = 17;
/** `then`, `else`: an operand follows an operand. */
export const W_BRANCH = 18;
export const W_END = 19;
/** `null`, `true`, `false`, ... */
export const W_CONSTANT = 20;
/** Functions that wait, read files, talk to others or make errors speak: never in a value by chance. */
export const W_WEAPON = 21;
/** Functions that every injection needs and that other languages may have too. */
export const W_FUNCTION = 22;
/** `sleep`, `delay`: weapons that other languages have too. */
export const W_SLEEP = 23;
/** First word of a statement that changes something. */
export const W_STATEMENT = 24;
/** What such a statement is about: `table`, `database`, ... */
export const W_OBJECT = 25;
/** Schemas and tables of the database's own. */
export const W_SYSTEM = 26;
/** `as`, `collate`, `escape`, `using`, `for`: an operand or a name follows an operand. */
export const W_SUFFIX = 27;
/** `asc`, `desc`. */
export const W_DIRECTION = 28;
export const W_BETWEEN = 29;
export const W_SET = 30;
export const W_VALUES = 31;
export const W_JOIN = 32;
export const W_WAITFOR = 33;
export const W_DELAY = 34;
export const W_EXEC = 35;
export const W_DECLARE = 36;
/** Functions that choose by a condition: blind questions are asked with them. */
export const W_CHOOSE = 37;
/** `goto`, `begin`: what follows is a statement. */
export const W_BEGIN = 38;
export const W_MODE = 39;
/** Functions that blind questions take values apart with. */
export const W_PROBE = 40;
/** Functions by which a database tells about itself. */
export const W_ASK = 41;

const LISTS: readonly (readonly [number, string])[] = [
  [W_LOGIC, 'or and xor'],
  [W_NOT, 'not'],
  [W_COMPARE, 'like rlike regexp ilike glob similar sounds against'],
  [W_IS, 'is isnull notnull'],
  [W_IN, 'in'],
  [W_BETWEEN, 'between'],
  [W_RECKON, 'div mod'],
  [W_UNION, 'union except intersect minus'],
  [W_SELECT, 'select'],
  [W_FROM, 'from'],
  [W_CONDITION, 'where having when'],
  [W_ORDER, 'order group'],
  [W_BY, 'by'],
  [W_LIMIT, 'limit offset'],
  [W_INTO, 'into'],
  [W_OUTFILE, 'outfile dumpfile'],
  [W_PROCEDURE, 'procedure'],
  [
    W_PREFIX,
    'all distinct distinctrow binary case exists any some interval row prior top unique array straight_join sql_calc_found_rows sql_no_cache match',
  ],
  [W_BRANCH, 'then else'],
  [W_END, 'end'],
  [
    W_CONSTANT,
    'null true false unknown default localtime localtimestamp current_date current_time current_timestamp current_user session_user system_user rownum sysdate rowid',
  ],
  [
    W_WEAPON,
    `pg_sleep pg_sleep_for pg_sleep_until extractvalue updatexml load_file xp_cmdshell xp_regread xp_dirtree
     xp_fileexist xp_regwrite xp_loginconfig xp_servicecontrol xp_availablemedia xp_enumdsn xp_makecab xp_ntsec_enumdomains
     xp_terminate_process xp_subdirs sp_executesql sp_oacreate sp_oamethod sp_addlogin sp_addsrvrolemember sp_makewebtask
     sp_password sp_configure sp_addextendedproc openrowset opendatasource openquery dbms_pipe dbms_lock user_lock dbms_xslprocessor
     dbms_ldap dbms_utility dbms_java dbms_xmlquery dbms_xmlgen dbms_session dbms_scheduler dbms_export_extension
     receive_message utl_http utl_inaddr utl_file utl_smtp utl_tcp get_host_address get_host_name httpuritype ctxsys
     drithsx xmltype pg_read_file pg_ls_dir pg_read_binary_file lo_import lo_export dblink dblink_connect query_to_xml
     database_to_xml load_extension randomblob name_const gtid_subset gtid_subtract sqlite_version regexp_substring sys_eval sys_exec`,
  ],
  [W_SLEEP, 'sleep benchmark'],
  [
    W_FUNCTION,
    `nchar unichr bin left right lpad rpad concat cos sin tan acos asin atan cot pi log log2 log10 ln radians degrees
     string_agg listagg length len char_length octet_length datalength bit_length object_name col_name is_srvrolemember
     convert cast coalesce ifnull nullif nvl if floor ceil round rand random exp abs pow power sqrt count sum min max
     avg row_count found_rows last_insert_id md5 sha sha1 sha2 password encrypt des_encrypt aes_encrypt compress
     instr locate position strcmp reverse replace replicate repeat space lower upper lcase ucase trim ltrim rtrim
     to_char to_number to_date decode greatest least isnull quarter now curdate sysdatetime getdate date_add
     bitand rawtohex rawtonhex sys_context xmlelement extract unicode typeof zeroblob hextoraw quotename
     generate_series array_to_string table_name quote export_set find_in_set field format interval
     crc32 uuid connection_id crypt_key changes total_changes likelihood polygon geometrycollection
     multipoint linestring multilinestring multipolygon pointfromgeohash st_latfromgeohash json_keys
     uuid_to_bin`,
  ],
  [
    W_STATEMENT,
    `insert update delete drop create alter truncate merge replace grant revoke shutdown handler backup restore rename
     kill call load copy attach detach vacuum pragma dbcc reconfigure analyze prepare deallocate commit rollback
     while print raiserror bulk do`,
  ],
  [W_EXEC, 'exec execute'],
  [W_CHOOSE, 'elt make_set iif'],
  [W_BEGIN, 'begin goto'],
  [
    W_PROBE,
    'char chr ascii ord hex unhex conv substring substr mid concat_ws group_concat compress uncompress analyse',
  ],
  [
    W_ASK,
    'version database schema user charset coercibility current_schema current_database db_name user_name suser_name suser_sname host_name connection_id sqlite_version inet_server_port',
  ],
  [W_MODE, 'boolean natural'],
  [W_DECLARE, 'declare'],
  [
    W_OBJECT,
    'table database schema view index trigger function user login role column sequence tables databases columns',
  ],
  [
    W_SYSTEM,
    `information_schema sysobjects syscolumns sysdatabases sysusers syslogins systables sysibm sysmaster syscat
     all_tables all_tab_columns user_tables user_tab_columns all_users dba_users pg_catalog pg_tables pg_class pg_user
     pg_shadow pg_database pg_stat_activity msysaccessobjects msysobjects mysql sys master msdb tempdb sqlite_temp_master
     sqlite_schema sqlite_master v$version v$instance v$session dual rdb$database rdb$fields sysdummy1
     system_users global_variables performance_schema`,
  ],
  [W_SUFFIX, 'as collate escape using for on at lock share'],
  [W_DIRECTION, 'asc desc nulls'],
  [W_SET, 'set'],
  [W_VALUES, 'values value'],
  [W_JOIN, 'join inner outer cross natural full'],
  [W_WAITFOR, 'waitfor'],
  [W_DELAY, 'delay'],
];

/** Every word, in lower case, with its kind; one that is listed twice is what it is first. */
export function* listedWords(): Generator<readonly [kind: number, word: string]> {
  for (const [kind, list] of LISTS) for (const word of list.split(/\s+/)) yield [kind, word];
}

/** The hash of a word: FNV-1a over its characters in lower case, as the lexer computes it. */
export const HASH_START = 0x811c9dc5 | 0;
export const hashStep = (hash: number, lower: number): number => Math.imul(hash ^ lower, 0x01000193);

const SIZE = 4096;
const keys = new Int32Array(SIZE);
const kinds = new Uint8Array(SIZE);

for (const [kind, word] of listedWords()) {
  let hash = HASH_START;
  for (let i = 0; i < word.length; i++) hash = hashStep(hash, word.charCodeAt(i) | 0x20);
  let slot = hash & (SIZE - 1);
  while (kinds[slot] !== 0 && keys[slot] !== hash) slot = (slot + 1) & (SIZE - 1);
  if (kinds[slot] !== 0) continue;
  keys[slot] = hash;
  kinds[slot] = kind;
}

/** The kind of a word by its hash; W_NONE where SQL does not know it. */
export function wordKind(hash: number): number {
  let slot = hash & (SIZE - 1);
  while (kinds[slot] !== 0) {
    if (keys[slot] === hash) return kinds[slot] as number;
    slot = (slot + 1) & (SIZE - 1);
  }
  return W_NONE;
}

/** The longest word that is listed. */
const LONGEST = 31;
/** Lengths of the words there are, a bit each, by their first two characters. */
const lengths = new Int32Array(1024);
const pairOf = (first: number, second: number): number => (first & 31) | ((second & 31) << 5);
for (const [, word] of listedWords()) {
  const pair = pairOf(word.charCodeAt(0), word.charCodeAt(1));
  lengths[pair] = (lengths[pair] as number) | (1 << word.length);
}

/** Whether a word of this length with these two characters first may be listed: most are not. */
const mayBeListed = (length: number, first: number, second: number): boolean =>
  length <= LONGEST && (((lengths[pairOf(first, second)] as number) >>> length) & 1) === 1;

/** The kind of the word between two places. */
export function kindOf(text: string, from: number, to: number): number {
  if (to - from < 2 || !mayBeListed(to - from, text.charCodeAt(from), text.charCodeAt(from + 1))) return W_NONE;
  let hash = HASH_START;
  for (let at = from; at < to; at++) {
    const c = text.charCodeAt(at);
    hash = hashStep(hash, c < 128 ? c | 0x20 : c);
  }
  return wordKind(hash);
}

/** The same, of a text as codes. */
export function kindOfCodes(text: Uint16Array, from: number, to: number): number {
  if (to - from < 2 || !mayBeListed(to - from, text[from] as number, text[from + 1] as number)) return W_NONE;
  let hash = HASH_START;
  for (let at = from; at < to; at++) {
    const c = text[at] as number;
    hash = hashStep(hash, c < 128 ? c | 0x20 : c);
  }
  return wordKind(hash);
}
