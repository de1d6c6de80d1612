/** What people write where a secret should be: in tutorials, examples and hurry. */
const WORDS =
  'secret secretkey secret-key secret_key mysecret my-secret my_secret mysecretkey my-secret-key my_secret_key supersecret super-secret super_secret supersecretkey super-secret-key super_secret_key topsecret top-secret verysecret very-secret very_secret notsecret not-secret shhhh shhhhh shh s3cr3t s3cret sekret ' +
  'jwt jwtsecret jwt-secret jwt_secret jwtkey jwt-key jwt_key jwtsecretkey jwt-secret-key jwt_secret_key jwttoken your_jwt_secret your-jwt-secret my_jwt_secret my-jwt-secret jwt_secret_token ' +
  'token tokensecret token-secret token_secret accesstoken access-token access_token access_token_secret refresh_token_secret refreshsecret authsecret auth-secret auth_secret auth session sessionsecret session-secret session_secret ' +
  'key keyboardcat keyboard-cat private privatekey private-key private_key mykey my-key my_key apikey api-key api_key api appsecret app-secret app_secret app application appkey signingkey signing-key signing_key signature encryptionkey encryption_key masterkey master ' +
  'your-256-bit-secret your-384-bit-secret your-512-bit-secret your-secret your_secret yoursecret your-secret-key your_secret_key yoursecretkey your-secret-here yoursecrethere your-very-secret-key a-string-secret-at-least-256-bits-long 256-bit-secret changeme change-me change_me changeit change-this change_this changethis changemeplease replaceme replace-me placeholder insertsecrethere todo fixme none null undefined default ' +
  'password passwd passw0rd p@ssw0rd p@ssword pass pass123 password1 password12 password123 passwort admin admin123 administrator root toor user user123 guest test test123 test-secret test_secret testsecret testing testkey test-key demo demosecret example example_key example-secret sample foo bar foobar baz hello helloworld hello-world hello_world world dev devsecret dev-secret dev_secret development local localhost staging prod production prod-secret ' +
  '1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 123123 111111 000000 abc abc123 abcd1234 abcdef abcdefg qwerty qwerty123 letmein welcome welcome1 monkey dragon iloveyou sunshine football master123 trustno1 random randomstring random-string somesecret some-secret somethingsecret something xxx xyz aaa a ' +
  'crypto hmac hs256 HS256 sha256 rsa node nodejs express flask django django-insecure spring springboot laravel rails fastapi react angular vue next nextauth nest nestjs graphql mongo mongodb mysql postgres redis docker kubernetes company website service backend server gateway security secure unsafe insecure';

/**
 * Secrets to try, most likely first: common ones, with usual endings and cases, and words of the API's own.
 * @param local words of the API: its title, host, issuer, audience
 */
export function* commonSecrets(local: readonly string[]): Generator<string> {
  yield '';
  yield 'keyboard cat';
  yield 'my secret';
  yield 'super secret';
  const common = WORDS.split(' ');
  yield* common;
  for (const word of common) {
    yield word.toUpperCase();
    yield `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
    yield `${word}123`;
    yield `${word}!`;
    yield `${word}1`;
  }
  const words = new Set(local.flatMap((text) => [text, ...text.split(/[^A-Za-z0-9]+/)]).filter((word) => word !== ''));
  for (const word of [...words].slice(0, 60)) {
    const lower = word.toLowerCase();
    for (const form of new Set([word, lower, word.toUpperCase()])) {
      yield form;
      for (const end of [
        'secret',
        '-secret',
        '_secret',
        'key',
        '-key',
        '_key',
        '123',
        '-jwt',
        '_jwt',
        '_jwt_secret',
        '-jwt-secret',
        '2024',
        '2025',
        '2026',
      ]) {
        yield `${form}${end}`;
      }
    }
  }
}
