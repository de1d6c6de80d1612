/** Configurations of nginx for the bench: as upstream, as plain proxy, as proxy with ModSecurity and the core rule set. */

const frame = (modules: string, http: string, directory: string): string => `
${modules}
worker_processes 1;
daemon off;
pid ${directory}/nginx-${Math.random().toString(36).slice(2)}.pid;
error_log ${directory}/error.log crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 1000000000;
  ${http}
}
`;

const proxy = (port: number, upstream: number, more: string): string => `
  upstream api { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    ${more}
    location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }`;

/** Answers everything with one JSON document. */
export const upstreamConfiguration = (port: number, answer: string, directory: string): string =>
  frame(
    '',
    `server {
    listen 127.0.0.1:${port};
    location / { default_type application/json; return 200 '${answer.replaceAll("'", '’')}'; }
  }`,
    directory,
  );

export const proxyConfiguration = (port: number, upstream: number, directory: string): string =>
  frame('', proxy(port, upstream, ''), directory);

/** With the rule set as Debian ships it, engine on, JSON bodies parsed, and PUT, PATCH and DELETE allowed. */
export const modsecurityConfiguration = (port: number, upstream: number, directory: string): string =>
  frame(
    'load_module /usr/lib/nginx/modules/ndk_http_module.so;\nload_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;',
    proxy(port, upstream, `modsecurity on; modsecurity_rules_file ${directory}/rules.conf;`),
    directory,
  );

export const modsecurityRules = (directory: string): string => `
SecRuleEngine On
SecRequestBodyAccess On
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 131072
SecResponseBodyAccess Off
SecTmpDir ${directory}
SecDataDir ${directory}
SecAuditEngine Off
SecUnicodeMapFile /usr/share/nginx/docs/modsecurity/unicode.mapping 20127
SecRule REQUEST_HEADERS:Content-Type "^application/(?:[a-z0-9.-]+[+])?json" "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
Include /etc/modsecurity/crs/crs-setup.conf
SecAction "id:900200,phase:1,nolog,pass,t:none,setvar:'tx.allowed_methods=GET HEAD POST OPTIONS PUT PATCH DELETE'"
Include /usr/share/modsecurity-crs/rules/*.conf
`;
