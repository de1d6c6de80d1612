const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * Programs made to attack, or to find where one could, by the word with which they name themselves in User-Agent; in
 * lower case. Libraries, browsers, crawlers and monitors are none of them, nor are names that are ordinary words.
 */
export const AGENTS: ReadonlySet<string> = new Set([
  // Injection, and reading of files
  ...words(`sqlmap sqlninja havij bsqlbf mysqloit jsql jsql-injection sqlpowerinjector bbqsql ghauri nosqlmap commix tplmap
    sstimap xsstrike xsser dalfox xspear crlfuzz crlfsuite ssrfmap lfimap lfisuite fimap kadimus panoptic dotdotpwn
    graphw00f graphql-cop smuggler`),
  // Whole applications
  ...words(`nikto nuclei acunetix wvs netsparker invicti nessus openvas w3af arachni wapiti skipfish webinspect appscan
    appspider burpsuite zaproxy owasp-zap jaeles wpscan wprecon joomscan droopescan cmsmap cmseek whatweb whatwaf wafw00f
    golismero uniscan websecurify ironwasp grendel-scan webshag webbandit n-stealth n-stalker nstalker libwhisker whisker
    qualysguard metasploit webcruiser syhunt springenwerk jaascois secscan pocsuite pocsuite3 afrog yakit detectify
    nettacker tsunamisecurityscanner sitelockspider jbrofuzz bfac shortscan retirejs-scan betabot sysscan`),
  // Directories, names, ports
  ...words(`dirbuster gobuster ffuf feroxbuster wfuzz dirsearch dirb rustbuster cansina patator masscan masscan-ng zgrab zgrab2
    zmap nmap unicornscan rustscan naabu aquatone hakrawler`),
  // Worms and kits that keep a name
  ...words('zmeu morfeus muieblackcat jorgee gootkit l9explore l9tcpid botenago voideye pmafind'),
]);

/** Signatures of more than a word, anywhere in User-Agent. */
export const PHRASES: readonly string[] = [
  'fuzz faster',
  'projectdiscovery/',
  'burp collaborator',
  'burp suite',
  '(hydra)',
  'paros/',
  'subgraph vega',
  'toata dragostea',
  'security analyzer',
  'domino hunter',
  'teh forest lobster',
  'this is an exploit',
  'xmlrpc exploit',
  'internet ninja',
  'core-project/1.0',
  'path disclosure finder',
  'web vulnerability scanner',
  'nmap scripting',
];

/** Who looks at the whole Internet and publishes what answers: only at the highest level. */
export const SURVEYS: readonly string[] = [
  'censysinspect',
  'censys.io',
  'shodan',
  'leakix',
  'internetmeasurement',
  'internet-measurement',
  'palo alto networks company',
  'binaryedge',
  'onyphe',
  'getodin.com',
  'criminalip',
];

/** Headers that only such programs send, whatever these hold. */
export const HEADERS: ReadonlySet<string> = words(
  `acunetix-aspect acunetix-aspect-password acunetix-aspect-queries acunetix-product acunetix-scanning-agreement
   acunetix-user-agreement x-wvs-id x-scan-memo x-request-memo x-requestmanager-memo x-wipp x-ratproxy-loop x-scanner
   x-arachni-scan-seed x-zap-scan-id x-zap-initiator`,
);

/** Headers in which programs name themselves. */
export const NAMING_HEADERS: ReadonlySet<string> = words('user-agent x-user-agent from');

/** What scanners write into values to know them again; nobody else writes it. In lower case. */
export const CANARIES: readonly string[] = [
  'acunetix_wvs_security_test',
  'acunetix_invalid_',
  'appscan_fingerprint',
  'www.acunetix.tst',
  '5135122.owasp.org',
  '.bxss.me',
];
