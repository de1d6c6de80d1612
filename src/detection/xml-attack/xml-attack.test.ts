import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { somewhere } from '../classes/class.ts';
import { xmlAttack } from '../classes/xml-attack.ts';
import { Judge } from '../judge.ts';
import { assertLinear } from '../nosql/fixture.ts';
import { benignValues } from '../testing/benign.ts';
import { XML_ATTACK } from '../testing/cases/xml-attack.ts';
import { corporaMissing, httpParams, libinjection } from '../testing/corpora.ts';

const low = new Judge([xmlAttack], 'low');
const judge = new Judge([xmlAttack], 'default');
const high = new Judge([xmlAttack], 'high');
const QUERY = somewhere('query');

/** Values that look like it and are none. */
const VALUES = [
  '<!DOCTYPE html><html><body>Hi</body></html>',
  '<!doctype html>',
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"><html/>',
  '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">',
  '<!DOCTYPE html SYSTEM "about:legacy-compat">',
  '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg/>',
  '<!DOCTYPE svg [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]><svg xmlns="&ns_svg;"/>',
  '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd"><plist/>',
  '<?xml version="1.0" encoding="UTF-8"?><a><b c="d">e</b></a>',
  '<?xml version="1.0" encoding="utf-16"?><Order xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>',
  '<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
  '<?xml version="1.0" encoding="windows-1252"?><a/>',
  '<?xml version="1.0" encoding="Shift_JIS"?><a/>',
  '<?xml-stylesheet type="text/xsl" href="/feed.xsl"?><rss/>',
  '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><a/></soap:Body></soap:Envelope>',
  '<project xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd"/>',
  '<item><description><![CDATA[<p>Hello & welcome</p>]]></description></item>',
  '<a><![CDATA[x]]]]><![CDATA[>y]]></a>',
  '<a>1 <![CDATA[<]]> 2</a>',
  '<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/><image href="data:image/png;base64,AAAA"/></svg>',
  '<svg><image xlink:href="https://cdn.example/a.png"/><use xlink:href="/icons.svg#a"/></svg>',
  '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><xsl:value-of select="a/b"/></xsl:template></xsl:stylesheet>',
  '<book xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="chapter1.xml"/></book>',
  'An XXE looks like `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>` and reads files.',
  '# XXE\n\n```xml\n<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n```\n',
  '<p>An XXE is <code>&lt;!DOCTYPE a [&lt;!ENTITY b SYSTEM "file:///etc/passwd"&gt;]&gt;</code>.</p>',
  'The tag <xi:include href="file:///x"/> is refused, why?',
  'if (a[b[0]]>5) { return; }',
  'x[y[1]]>z',
  '//<![CDATA[\nvar a = 1;\n//]]>\n</script>',
  '</p><p>second</p><p>',
  'text</div><div class="b">more</div><div>',
  'close it with </user> and open <role>',
  '</Button> is missing in <Form>',
  '</Foo><Foo',
  '<Foo<Bar>> a = new Foo<>();',
  'List<Map<String, List<Integer>>> x',
  'a < b && c > d',
  '<3 <!-- love -->',
  '<name> <email@example.com>',
  '<!-- TODO --> <b>x</b>',
  '<include file="a.jsp"/>',
  '<import resource="beans.xml"/>',
  '<object data="a.pdf" class="wide"></object>',
  '<image src="a.png"/> <use>it</use>',
  '&foo; &amp; &lt;b&gt;',
  'DOCTYPE and ENTITY are words',
  '<?php echo 1; ?>',
  '<?xml version="1.0"?>',
  '<!ELEMENT is a declaration of a DTD',
];

describe('XML attack', () => {
  it('finds its cases', () => {
    for (const { text, what } of XML_ATTACK) assert.ok(judge.find(text, QUERY), `${what}: ${JSON.stringify(text)}`);
  });

  it('lets values pass that are none', () => {
    for (const text of VALUES) assert.equal(judge.find(text, somewhere('body')), undefined, text);
    for (const { text } of benignValues(6000)) assert.equal(judge.find(text, somewhere('body')), undefined, text);
  });

  it('takes mark-up in prose for prose, but not at the highest level', () => {
    const text = 'We saw <!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]> in the log.';
    assert.equal(judge.find(text, QUERY), undefined);
    assert.ok(high.find(text, QUERY));
  });

  it('finds at each level what the one below finds', () => {
    for (const { text } of XML_ATTACK) {
      if (low.find(text, QUERY) !== undefined) assert.ok(judge.find(text, QUERY), text);
      assert.ok(high.find(text, QUERY), text);
    }
    assert.equal(low.find('x</login><role>root</role><login>', QUERY), undefined);
    assert.ok(low.find('<!DOCTYPE a SYSTEM "http://q.example/">', QUERY));
  });

  it('points at the declaration', () => {
    assert.match(judge.find('<!-- a --><!DOCTYPE a SYSTEM "q:b">', QUERY)?.span ?? '', /^<!DOCTYPE/);
  });

  it('has no false alarms on the corpora', { skip: corporaMissing }, () => {
    const friendly = httpParams()
      .filter(({ type }) => type === 'norm')
      .map(({ text }) => text)
      .concat(libinjection('false_positives').flatMap(({ texts }) => texts));
    assert.deepEqual(
      friendly.filter((text) => judge.find(text, QUERY) !== undefined),
      [],
    );
  });

  it('never throws and answers the same for the same text', () => {
    const pieces = XML_ATTACK.map(({ text }) => text).concat([
      '<',
      '>',
      '<!',
      '<!DOCTYPE',
      '<!ENTITY',
      '"',
      ']]>',
      '<?',
    ]);
    const texts = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(texts, (parts) => {
        const text = parts.join('');
        assert.deepEqual(high.find(text, QUERY), high.find(text, QUERY));
      }),
      { numRuns: 400 },
    );
  });

  it('costs in proportion to the length', () => {
    assertLinear(xmlAttack, [
      '<',
      '<a:b ',
      '<!',
      '<!DOCTYPE a ',
      '<!ENTITY % ',
      '</a>',
      '<a>',
      ']]>',
      '<![CDATA[',
      '"',
      '<?xml ',
    ]);
  });
});
