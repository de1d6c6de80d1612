import { type Case, casesOf } from './case.ts';

const of = casesOf('ldap-injection');

export const LDAP_INJECTION: readonly Case[] = [
  ...of(
    'ends the assertion and goes on',
    '*)(uid=*))(|(uid=*',
    'root)(&)',
    'root)(&',
    '*)(objectClass=*)',
    '*)(|(mail=*',
    'root)(!(&(2=1',
    'root*)((|userPassword=*)',
    ')(cn=*',
    'root)(pin=*)',
    'x)(|(cn=*)(cn=y',
    'root))(|(|',
    '*)|(uid=*)',
    'Ann Lee)(cn=*)',
  ),
  ...of(
    'behind and before much else',
    'one two three four five six)(uid=*',
    'a)b)c)(uid=*',
    `*)(uid=${'q'.repeat(300)}*`,
    '*)(description=one two three four five six seven eight nine',
  ),
  ...of(
    'attributes of all kinds',
    'x)(2.5.4.35=*)',
    'x)(cn;lang-de=*)',
    'x)(cn:dn:=root)',
    'x)(memberOf:1.2.840.113556.1.4.1941:=CN=Admins,DC=q)',
    'x)(uid~=root)',
    'x)(lastLogon>=0)',
    'userPassword:2.5.13.18:=\\41',
  ),
  ...of('a NUL cuts off the rest', '*))\0', 'root)(cn=*))%00', ')(cn=))\\x00'),
  ...of('with spaces', '* ) ( uid = * )', 'root)\n(|\n(uid=*)'),
  ...of('in other forms', '%2a%29%28uid%3d%2a', 'root&#41;&#40;uid=*', '\uff0a\uff09\uff08uid=*', '*)(uid\\u003d*)'),
  ...of('a filter of its own', '*(|(mail=*))', '(&(uid=root)(cn=*))', '(!(cn=guest))', '(|(sn=a*)(sn=b*))'),
  ...of('probes', "*()|&'", '*()|%26'),
  ...of('a distinguished name', 'root,ou=Admins,dc=q,dc=example', 'x+uid=root,dc=q,dc=example'),
  ...of('LDIF', 'x\nchangetype: delete'),
];
