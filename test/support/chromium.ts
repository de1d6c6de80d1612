import { createHash, X509Certificate } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { connect } from 'node:tls';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's chromium, where it is installed. */
export const chromiumFile = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'chromium'))
  .find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** For `skip`: why a test with a real browser does not run here; false where it does. */
export const noChromium: string | false =
  chromiumFile === undefined && 'there is no chromium in the PATH (Debian: apt-get install chromium)';

/** The digest of a server's public key, by which chromium takes its certificate for good: passkeys need that. */
function keyOf(port: number, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca }, () => {
      const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw);
      socket.destroy();
      resolve(
        createHash('sha256')
          .update(publicKey.export({ format: 'der', type: 'spki' }))
          .digest('base64'),
      );
    });
    socket.on('error', reject);
  });
}

/** Starts chromium for pages of a server with a development certificate. */
export async function launch(
  context: { after(work: () => unknown): void },
  server: { readonly port: number; readonly ca: Buffer },
): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: chromiumFile as string,
    args: [
      `--ignore-certificate-errors-spki-list=${await keyOf(server.port, server.ca)}`,
      // Its sandbox needs a user of its own.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  context.after(() => browser.close());
  return browser;
}

/** An authenticator of chromium's own, built in, that verifies its user. */
export async function authenticatorOf(context: BrowserContext, page: Page) {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** Takes a passkey in that was made elsewhere. */
    take: (given: { id: Buffer; privateKey: Buffer; userHandle: Buffer; rpId: string; signCount: number }) =>
      session.send('WebAuthn.addCredential', {
        authenticatorId,
        credential: {
          credentialId: given.id.toString('base64'),
          isResidentCredential: true,
          rpId: given.rpId,
          privateKey: given.privateKey.toString('base64'),
          userHandle: given.userHandle.toString('base64'),
          signCount: given.signCount,
        },
      }),
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    verifies: (isUserVerified: boolean) =>
      session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

/** What axe finds wrong on a page, in one line each; a picture of it where PORTCULLIS_SCREENSHOTS names a directory. */
export async function look(page: Page, name: string): Promise<string[]> {
  const directory = process.env['PORTCULLIS_SCREENSHOTS'];
  if (directory !== undefined) await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations.map(
    ({ id, help, nodes }) => `${name}: ${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
  );
}
