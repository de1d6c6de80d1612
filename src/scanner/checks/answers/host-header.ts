import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { ScanRequest } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';

/** Operations on which it is tried: links are built in few places of the code. */
const TRIED = 16;
const NAMES = ['Host', 'X-Forwarded-Host', 'X-Host', 'X-Forwarded-Server', 'Forwarded'] as const;

/** Addresses in answers are made of what the caller says the host is. */
export const check: Check = {
  id: 'host-header',
  group: 'answers',
  title: 'Links are built from the host that the caller names',
  practice: 'validate',
  cwe: 'CWE-644',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'Where links in answers and mails are made of Host or X-Forwarded-Host, a caller has them lead to a site of their own: a cache hands the answer to others, a reset mail gives its token away.',
  mend: 'Build links from a configured address, and refuse hosts that are not yours. Portcullis answers only to the hosts it is told (server.hosts), and sets X-Forwarded-* itself.',

  async run(context) {
    // First those whose answers name the host already.
    const named = (sample: Sample): number => Number(sample.exchange.answer.text.includes(context.base.host));
    const samples = context.operations
      .filter(({ method }) => method === 'GET')
      .flatMap((operation) => context.samples(operation).slice(0, 1))
      .sort((a, b) => named(b) - named(a))
      .slice(0, TRIED);
    await context.each(samples, async (sample) => {
      for (const name of NAMES) await judge(context, sample, name);
    });
  },
};

async function judge(context: CheckContext, sample: Sample, name: (typeof NAMES)[number]): Promise<void> {
  const { operation } = sample.call;
  const host = `h${Math.floor(context.random(`${operation.key} ${name}`)() * 36 ** 8).toString(36)}.portcullis.example`;
  const attempt = async (): Promise<(Proof & { readonly severity: Severity }) | undefined> => {
    const plain = context.render(sample.call, sample.as ?? null);
    const shown = await context.request(naming(plain, name, host), { operation, as: sample.as?.name });
    const { answer } = shown;
    const location = answer.headers.get('location') ?? '';
    // An echo in a text is no link: an address is one.
    const link = [location, answer.headers.get('link') ?? '', answer.text.slice(0, 65_536)]
      .map((text) => new RegExp(`(?:https?:)?//${host.replaceAll('.', '\\.')}[^\\s"'<>]{0,100}`).exec(text)?.[0])
      .find((found) => found !== undefined);
    if (link === undefined) return undefined;
    // Most frameworks build links from Host: by itself that reaches only who sent it.
    const kept = isKept(answer.headers, name);
    return { exchanges: [shown], marks: [link, host], severity: kept ? 'medium' : 'informational' };
  };
  const proof = await attempt();
  if (!proof) return;
  await context.report({
    message: `an address in the answer is made of ${name}${proof.severity === 'medium' ? ', and caches may keep it' : ''}`,
    operation,
    place: `header ${name}`,
    cause: proof.severity === 'medium' ? 'kept by caches' : `built from ${name}`,
    severity: proof.severity,
    proof,
    again: attempt,
  });
}

function naming(plain: ScanRequest, name: (typeof NAMES)[number], host: string): ScanRequest {
  if (name === 'Host') {
    const rest = plain.headers.filter(([one]) => one.toLowerCase() !== 'host');
    return { ...plain, headers: [['Host', host], ...rest] };
  }
  return { ...plain, headers: [...plain.headers, [name, name === 'Forwarded' ? `host=${host}` : host]] };
}

/** Whether a shared cache may hand the answer to others that did not name the host (RFC 9111, section 3). */
function isKept(headers: ReadonlyMap<string, string>, name: string): boolean {
  const said = headers.get('cache-control')?.toLowerCase() ?? '';
  if (/no-store|private|no-cache/.test(said) || !/public|(?:s-maxage|max-age)="?0*[1-9]/.test(said)) return false;
  // The host is part of the key of every cache; other headers are where Vary names them.
  if (name === 'Host') return false;
  return !(headers.get('vary') ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .some((one) => one === '*' || one === name.toLowerCase());
}
