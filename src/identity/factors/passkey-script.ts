/**
 * What a page with a passkey runs, as a file of its own (CSP `script-src 'self'`). It takes the options from the page, asks the
 * authenticator when the form is sent, puts its answer into the form and sends it. No answer: the form stays as it is.
 */
export const PASSKEY_SCRIPT = `'use strict';
(() => {
  const place = document.getElementById('passkey');
  const form = place && place.closest('form');
  const field = form && form.elements.namedItem('response');
  const problem = document.getElementById('passkey-problem');
  if (!field) return;
  place.hidden = false;

  const bytes = (text) => {
    const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''))
      .replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const make = async (options) => {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: known(options.excludeCredentials),
      },
    });
    return {
      ...common(made),
      response: {
        clientDataJSON: text(made.response.clientDataJSON),
        attestationObject: text(made.response.attestationObject),
        transports: made.response.getTransports ? made.response.getTransports() : [],
      },
    };
  };
  const use = async (options) => {
    const used = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) },
    });
    const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
    return {
      ...common(used),
      response: {
        clientDataJSON: text(clientDataJSON),
        authenticatorData: text(authenticatorData),
        signature: text(signature),
        userHandle: userHandle ? text(userHandle) : undefined,
      },
    };
  };
  const common = (credential) => ({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
  });

  let running = false;
  form.addEventListener('submit', async (event) => {
    const submitter = event.submitter;
    if (field.value !== '' || (submitter && submitter.formNoValidate)) return;
    event.preventDefault();
    if (running) return;
    running = true;
    problem.hidden = true;
    try {
      const options = JSON.parse(place.dataset.options);
      const answer = await (place.dataset.ceremony === 'create' ? make(options) : use(options));
      field.value = JSON.stringify(answer);
      form.requestSubmit(submitter);
    } catch (error) {
      problem.textContent = error.name === 'InvalidStateError' ? place.dataset.known : place.dataset.cancelled;
      problem.hidden = false;
      problem.focus();
    } finally {
      running = false;
    }
  });
})();
`;

export const PASSKEY_ASSET = 'passkey.js';
