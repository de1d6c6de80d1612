const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Schemes that nothing fetches on purpose: they speak to services that were made for no URL, or read files. */
export const WEAPONS = words('gopher dict netdoc tftp local_file expect nis nds corba');

/** Schemes with honest uses in settings; as the value of a parameter they make a fetcher speak another protocol. */
export const PROTOCOLS = words('ldap ldaps ldapi sftp rmi iiop imap imaps pop3 pop3s smtp smtps telnet');

/** What else servers connect to. Apps have schemes of their own for places within themselves (`capacitor://localhost`). */
const CONNECTED = words(
  `http https ws wss ftp ftps ssh ssh2 scp smb smbs cifs nfs afp rsync svn git dav davs webdav webdavs file jar
   rtp rtsp rtmp redis rediss redis-sentinel memcache memcached mysql mariadb postgres postgresql mongodb mongodb+srv
   mssql sqlserver clickhouse jdbc amqp amqps mqtt mqtts nats kafka tcp udp tls ssl dns ntp snmp finger
   fastcgi fcgi uwsgi`,
);

/** Schemes whose slashes browsers and libraries do not insist on (`http:127.0.0.1`). */
export const SPECIAL = words('http https ftp ftps ws wss');

/** No scheme of anything: the beginning of a URL that some filters pass unread (`0://`). */
export const isNumber = (scheme: string): boolean => /^\d+$/.test(scheme);

/** Whether a server that is given a URL with this scheme (in lower case) connects to somewhere. */
export const connects = (scheme: string): boolean =>
  scheme === '' || CONNECTED.has(scheme) || PROTOCOLS.has(scheme) || WEAPONS.has(scheme) || isNumber(scheme);
