import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Place, SENSITIVITIES, somewhere } from '../classes/class.ts';
import { scanner } from '../classes/scanner.ts';
import { Judge } from '../judge.ts';
import { benignValues } from '../testing/benign.ts';
import { SCANNER } from '../testing/cases/scanner.ts';

const [low, judge, high] = SENSITIVITIES.map((each) => new Judge([scanner], each)) as [Judge, Judge, Judge];
const header = (name: string): Place => ({ source: 'header', name, key: false });
const AGENT = header('user-agent');

describe('attack tools', () => {
  it('finds the cases at every level', () => {
    for (const each of SCANNER)
      for (const level of [low, judge, high])
        assert.ok(level.find(each.text, { ...somewhere('query'), ...each.place }), each.text);
  });

  it('takes surveys of the Internet for attacks at the highest level only', () => {
    const text = 'Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)';
    assert.equal(judge.find(text, AGENT), undefined);
    assert.ok(high.find(text, AGENT));
  });

  it('reads names where programs name themselves, and nowhere else', () => {
    for (const place of [somewhere('query'), somewhere('body'), header('x-note'), header('referer')])
      for (const text of ['sqlmap/1.9', 'I ran Nikto and WPScan on it', 'https://www.acunetix.com/blog/'])
        assert.equal(high.find(text, place), undefined, text);
    assert.equal(judge.find('acunetix_wvs_security_test'.padStart(2000, 'a report (about it) '), AGENT), undefined);
  });

  it('leaves ordinary clients alone', () => {
    for (const text of CLIENTS)
      for (const level of [low, judge, high]) assert.equal(level.find(text, AGENT), undefined, text);
    for (const { text } of benignValues(11_000))
      for (const place of [AGENT, somewhere('body')]) assert.equal(judge.find(text, place), undefined, text);
  });

  it('never throws, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        assert.deepEqual(high.find(text, AGENT), high.find(text, AGENT));
      }),
    );
  });
});

const CLIENTS = [
  'curl/8.5.0',
  'Wget/1.21.4',
  'python-requests/2.31.0',
  'Go-http-client/1.1',
  'PostmanRuntime/7.36.1',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
  'Apache-HttpClient/4.5.14 (Java/17)',
  'okhttp/4.12.0',
  'aws-sdk-go-v2/1.24 xray/1.0',
  'axios/1.6.2',
  'Prometheus/2.48',
  'kube-probe/1.28',
  'hydra-client/2.0',
  'Vega/5.25',
  'photo-grabber/2.0',
  'pangolin/1.9',
];
